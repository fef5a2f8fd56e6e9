use proptest::prelude::*;

use super::*;

fn refused(text: impl AsRef<[u8]>) -> (JsonRule, String, usize) {
    let error = Document::parse(text.as_ref()).expect_err("must be refused");
    (error.rule, error.path, error.offset)
}

#[test]
fn order_of_keys_and_text_of_numbers_are_kept() {
    let doc = Document::parse(br#" {"b": 1.50, "a": [ -0, 1e+2, true, null ], "c": "\u3042\n" } "#)
        .expect("JSON");
    let root = doc.root();
    assert_eq!(
        root.to_compact(),
        "{\"b\":1.50,\"a\":[-0,1e+2,true,null],\"c\":\"あ\\n\"}"
    );
    assert_eq!(root.get("b").and_then(Node::as_number_text), Some("1.50"));
    assert_eq!(root.str("c"), Some("あ\n"));
    assert_eq!(root.list("a").count(), 4);
    assert!(root.get("d").is_none());
}

#[test]
fn a_duplicate_key_is_refused_with_its_path() {
    let text = r#"{"resourceType":"Bundle","entry":[{},{"resource":{"id":"a","\u0069d":"b"}}]}"#;
    let (rule, path, offset) = refused(text);
    assert_eq!(rule, JsonRule::DuplicateKey);
    assert_eq!(path, "Bundle.entry[1].resource.id");
    assert_eq!(text.get(offset..offset + 4), Some("\"\\u0"));
}

#[test]
fn a_duplicate_among_many_keys_is_refused() {
    let members: Vec<String> = (0..5000).map(|n| format!("\"k{}\":0", n % 4999)).collect();
    let (rule, path, _) = refused(format!("{{{}}}", members.join(",")));
    assert_eq!((rule, path.as_str()), (JsonRule::DuplicateKey, "$.k0"));
}

#[test]
fn invalid_utf8_is_refused_at_its_byte() {
    let mut text = br#"{"resourceType":"Patient","name":[{"text":"abc"}]}"#.to_vec();
    let at = text.windows(3).position(|w| w == b"abc").expect("abc");
    text[at + 1] = 0xFF;
    let error = Document::parse(&text).expect_err("bad UTF-8");
    assert_eq!(error.rule, JsonRule::Utf8);
    assert_eq!(error.offset, at + 1);
    assert_eq!(error.path, "Patient.name[0].text");
    assert_eq!((error.line, error.column), (1, at + 2));
    assert_eq!(error.finding().rule, "JSON-UTF8");
}

#[test]
fn every_prefix_of_a_document_is_called_truncated() {
    let text =
        r#"{"resourceType":"Patient","a":[1,{"あ":"い\u3042"},true,null,-1.5e3]}"#.as_bytes();
    for end in 0..text.len() {
        let (rule, _, _) = refused(&text[..end]);
        assert_eq!(rule, JsonRule::Truncated, "prefix of {end} bytes");
    }
    assert!(Document::parse(text).is_ok());
}

#[test]
fn what_is_not_json_is_refused_by_its_rule() {
    use JsonRule as R;
    let cases: [(&str, JsonRule); 17] = [
        ("{} x", R::Trailing),
        ("\u{FEFF}{}", R::ByteOrderMark),
        ("[1,]", R::Syntax),
        ("{\"a\":1,}", R::Syntax),
        ("{'a':1}", R::Syntax),
        ("[01]", R::Number),
        ("[1.]", R::Number),
        ("[-]", R::Number),
        ("[1e]", R::Number),
        ("[+1]", R::Syntax),
        ("[NaN]", R::Syntax),
        ("[\"\u{1}\"]", R::Control),
        ("[\"\\u0000\"]", R::Control),
        ("[\"\\ud800\"]", R::Surrogate),
        ("[\"\\udc00\"]", R::Surrogate),
        ("[\"\\x\"]", R::Escape),
        ("[tru]", R::Syntax),
    ];
    for (text, rule) in cases {
        assert_eq!(refused(text).0, rule, "{text}");
    }
}

#[test]
fn nesting_is_bounded_at_64_levels() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(Document::parse(nested(64).as_bytes()).is_ok());
    assert_eq!(refused(nested(65)).0, JsonRule::Depth);
    assert_eq!(refused("[".repeat(1_000_000)).0, JsonRule::Depth);
}

#[test]
fn size_is_bounded() {
    let limits = Limits {
        bytes_max: 3,
        ..Limits::default()
    };
    assert!(Document::parse_within(b"[1]", limits).is_ok());
    let error = Document::parse_within(b"[10]", limits).expect_err("too long");
    assert_eq!(error.rule, JsonRule::Size);
}

#[test]
fn line_and_column_count_characters() {
    let error = Document::parse("{\n \"あ\": x}".as_bytes()).expect_err("x");
    assert_eq!((error.line, error.column, error.offset), (2, 7, 10));
}

#[test]
fn the_writer_never_makes_broken_json() {
    let mut w = Writer::new();
    w.begin_object()
        .key("n")
        .number_text("1.50")
        .key("m")
        .number_text("1.");
    w.key("l")
        .begin_array()
        .integer(-1)
        .bool(true)
        .null()
        .string("\"\\\u{1}");
    let bytes = w.finish();
    assert_eq!(
        String::from_utf8(bytes).expect("UTF-8"),
        r#"{"n":1.50,"m":"1.","l":[-1,true,null,"\"\\\u0001"]}"#
    );
}

/// A JSON value for the round trip.
#[derive(Clone, Debug)]
enum Tree {
    Word(&'static str),
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

fn text() -> impl Strategy<Value = String> {
    "[ -~あ-ん𠮷\n\t\r\"\\\\]{0,8}"
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        prop_oneof![Just("true"), Just("false"), Just("null")].prop_map(Tree::Word),
        "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?".prop_map(Tree::Number),
        text().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(6, 64, 40, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Tree::List),
            prop::collection::btree_map(text(), inner, 0..40)
                .prop_map(|m| Tree::Map(m.into_iter().rev().collect())),
        ]
    })
}

fn write(tree: &Tree, w: &mut Writer) {
    match tree {
        Tree::Word("null") => {
            w.null();
        }
        Tree::Word(word) => {
            w.bool(*word == "true");
        }
        Tree::Number(n) => {
            w.number_text(n);
        }
        Tree::Text(t) => {
            w.string(t);
        }
        Tree::List(items) => {
            w.begin_array();
            items.iter().for_each(|item| write(item, w));
            w.end();
        }
        Tree::Map(members) => {
            w.begin_object();
            for (key, value) in members {
                w.key(key);
                write(value, w);
            }
            w.end();
        }
    }
}

proptest! {
    #[test]
    fn a_tree_read_and_written_is_the_same_text(tree in tree()) {
        let mut w = Writer::new();
        write(&tree, &mut w);
        let bytes = w.finish();
        let doc = Document::parse(&bytes).expect("own output is JSON");
        prop_assert_eq!(doc.root().to_compact().into_bytes(), bytes);
    }

    #[test]
    fn any_bytes_are_answered_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse(&bytes);
    }

    #[test]
    fn a_damaged_document_is_answered_without_panic(at in 0usize..60, byte in any::<u8>()) {
        let mut text = br#"{"resourceType":"Patient","a":[1,{"b":"\u3042\n"},true,null]}"#.to_vec();
        if let Some(b) = text.get_mut(at) {
            *b = byte;
        }
        if let Ok(doc) = Document::parse(&text) {
            let again = doc.root().to_compact();
            let twice = Document::parse(again.as_bytes()).expect("compact form is JSON");
            prop_assert_eq!(twice.root().to_compact(), again);
        }
    }
}
