//! Reading a page's forms as a browser would fill them in.
//!
//! Only tags and attributes are read; that is enough for `form`, `input`, `select` and
//! `option`. Source: HTML Living Standard 4.10.22.4, constructing the form data set.

/// A form as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// Fields that would be sent if nobody touched the form, in order.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// A field's value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The fields to send when a person has entered `entered`.
    #[must_use]
    pub fn filled_in(&self, entered: &[(&str, &str)]) -> Vec<(String, String)> {
        let is_entered = |key: &str| entered.iter().any(|(name, _)| *name == key);
        let kept = self.fields.iter().filter(|(key, _)| !is_entered(key));
        let given = entered
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        kept.cloned().chain(given).collect()
    }
}

/// All forms of a page.
#[must_use]
pub fn forms(html: &str) -> Vec<Form> {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (tag, after) = Tag::read(rest);
        reader.take(&tag);
        rest = after;
    }
    reader.forms
}

#[derive(Default)]
struct Reader {
    forms: Vec<Form>,
    open: bool,
    select: Option<Select>,
}

struct Select {
    name: String,
    value: Option<String>,
    chosen: bool,
}

impl Reader {
    fn take(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "form" => {
                self.open = true;
                self.forms.push(Form {
                    action: tag.value("action"),
                    fields: Vec::new(),
                });
            }
            "/form" => self.open = false,
            "input" => self.input(tag),
            "select" => {
                self.select = Some(Select {
                    name: tag.value("name"),
                    value: None,
                    chosen: false,
                });
            }
            "option" => self.option(tag),
            "/select" => {
                if let Some(Select {
                    name,
                    value: Some(value),
                    ..
                }) = self.select.take()
                {
                    self.put(name, value);
                }
            }
            _ => {}
        }
    }

    fn input(&mut self, tag: &Tag) {
        let kind = tag.value("type").to_ascii_lowercase();
        let sent = match kind.as_str() {
            "checkbox" | "radio" => tag.has("checked"),
            "submit" | "button" | "reset" | "image" | "file" => false,
            _ => true,
        };
        if sent && !tag.has("disabled") {
            let boxed = kind == "checkbox" || kind == "radio";
            let value = match tag.value("value") {
                value if value.is_empty() && boxed => "on".to_owned(),
                value => value,
            };
            self.put(tag.value("name"), value);
        }
    }

    /// The first option counts until one is marked as selected.
    fn option(&mut self, tag: &Tag) {
        let Some(select) = &mut self.select else {
            return;
        };
        let chosen = tag.has("selected");
        if select.value.is_none() || (chosen && !select.chosen) {
            select.value = Some(tag.value("value"));
            select.chosen = chosen;
        }
    }

    fn put(&mut self, name: String, value: String) {
        let form = self.forms.last_mut().filter(|_| self.open);
        if let Some(form) = form.filter(|_| !name.is_empty()) {
            form.fields.push((name, value));
        }
    }
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// Reads the tag with which `text` begins; what follows it.
    fn read(text: &str) -> (Self, &str) {
        let text = text.strip_prefix('<').unwrap_or(text);
        let end = text
            .find(|c: char| c.is_ascii_whitespace() || c == '>')
            .unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        let mut tag = Self {
            name: name.to_ascii_lowercase(),
            attributes: Vec::new(),
        };
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return (tag, rest);
            }
            if let Some(after) = rest.strip_prefix('>') {
                return (tag, after);
            }
            let (attribute, after) = attribute(rest);
            tag.attributes.push(attribute);
            rest = after;
        }
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(key, _)| key == name)
    }

    fn value(&self, name: &str) -> String {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| unescape(value))
            .unwrap_or_default()
    }
}

/// Reads one attribute; always consumes at least one character of a text that is not empty.
fn attribute(text: &str) -> ((String, String), &str) {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let (head, tail) = text.split_at(first);
    let end = tail
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))
        .unwrap_or(tail.len());
    let (name, rest) = tail.split_at(end);
    let name = format!("{head}{name}").to_ascii_lowercase();
    let Some(rest) = rest.trim_start().strip_prefix('=') else {
        return ((name, String::new()), rest);
    };
    let rest = rest.trim_start();
    for quote in ['"', '\''] {
        if let Some(inside) = rest.strip_prefix(quote) {
            let (value, rest) = inside.split_once(quote).unwrap_or((inside, ""));
            return ((name, value.to_owned()), rest);
        }
    }
    let end = rest
        .find(|c: char| c.is_ascii_whitespace() || c == '>')
        .unwrap_or(rest.len());
    let (value, rest) = rest.split_at(end);
    ((name, value.to_owned()), rest)
}

/// The entities that escaping produces; the ampersand last, so that nothing is read twice.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(form: &Form) -> Vec<(&str, &str)> {
        form.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn the_hidden_token_of_the_right_form_is_found() {
        let page = r#"<!DOCTYPE html><form action="/logout" method="post">
            <input type="hidden" name="csrf" value="one"><button type="submit">x</button></form>
            <form class="form" method="post" action="/reception?a=1&amp;b=2" novalidate data-once>
            <input type="hidden" name="csrf" value="tw&quot;o">
            <label>記号 <input name="symbol" required></label></form>
            <input type="hidden" name="stray" value="x">"#;
        let forms = forms(page);
        assert_eq!(forms.len(), 2);
        assert_eq!(forms[0].value("csrf"), Some("one"));
        assert_eq!(forms[1].action, "/reception?a=1&b=2");
        assert_eq!(fields(&forms[1]), [("csrf", "tw\"o"), ("symbol", "")]);
    }

    #[test]
    fn only_what_a_browser_would_send_is_sent() {
        let page = r#"<form action=/f>
            <input type=checkbox name=category value=lab checked>
            <input type="checkbox" name="category" value="allergy">
            <input type="radio" name="era" checked/>
            <input type="submit" name="go" value="1">
            <input type="text" name="off" value="1" disabled>
            <select name="year"><option value="">-</option><option value="6" selected>6</option></select>
            <select name="month"><option value="1">1</option><option value="2">2</option></select>
            <!-- <input name="comment" value="1"> -->
            </form>"#;
        let forms = forms(page);
        assert_eq!(
            fields(&forms[0]),
            [
                ("category", "lab"),
                ("era", "on"),
                ("year", "6"),
                ("month", "1")
            ]
        );
    }

    #[test]
    fn what_a_person_enters_takes_the_place_of_what_was_there() {
        let form = Form {
            action: "/f".to_owned(),
            fields: vec![
                ("csrf".to_owned(), "t".to_owned()),
                ("category".to_owned(), "lab".to_owned()),
            ],
        };
        let sent = form.filled_in(&[("category", "allergy"), ("category", "medication")]);
        let sent: Vec<_> = sent.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            sent,
            [
                ("csrf", "t"),
                ("category", "allergy"),
                ("category", "medication")
            ]
        );
    }

    #[test]
    fn broken_markup_ends_without_harm() {
        for page in [
            "<",
            "<form",
            "<form action=\"",
            "<a =>",
            "a < b",
            "<!-- x",
            "<form 'あ=>",
        ] {
            let _forms = forms(page);
        }
    }
}
