//! A small JSON writer whose numbers are the text that they are given: no value passes
//! through a binary fraction, so that 6.0 stays 6.0.

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Text(String),
    /// A number, as exact decimal text.
    Number(String),
    Bool(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<Json>> for Json {
    fn from(all: Vec<Json>) -> Self {
        Self::List(all)
    }
}

/// An object from `"key": value` pairs.
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::population::json::Json::Object(vec![$(($key, $crate::population::json::Json::from($value))),*])
    };
}

/// A list of values.
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::population::json::Json::List(vec![$($crate::population::json::Json::from($value)),*])
    };
}

pub(super) use {list, object};

impl Json {
    /// The value as one line of UTF-8.
    pub(super) fn render(&self) -> Vec<u8> {
        let mut out = String::with_capacity(4096);
        self.write(&mut out);
        out.into_bytes()
    }

    /// This object with one more member, when there is one.
    pub(super) fn with(mut self, key: &'static str, value: Option<Json>) -> Self {
        if let (Self::Object(all), Some(value)) = (&mut self, value) {
            all.push((key, value));
        }
        self
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_text(text, out),
            Self::Number(text) => out.push_str(text),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::List(all) => {
                out.push('[');
                for (i, value) in all.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(all) => {
                out.push('{');
                for (i, (key, value)) in all.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
