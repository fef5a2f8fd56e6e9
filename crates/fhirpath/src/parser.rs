//! From words to a tree, by precedence; its height is bounded.
//!
//! Source: FHIRPath N1, 6.8 (operator precedence), appendix B (grammar).

use regex::RegexBuilder;
use rust_decimal::Decimal;

use crate::SOURCE_BYTES_MAX;
use crate::error::ParseError;
use crate::functions::Function;
use crate::lexer::{self, Placed, Token};
use crate::moment::Moment;
use crate::quantity;
use crate::syntax::{Call, Expr, Op, Step};
use crate::types::TypeName;

/// Trees are walked by recursion, so their height is bounded. Published ones stay below 40.
const HEIGHT_MAX: usize = 128;
/// Bytes of a compiled pattern at most.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A tree and its height.
type Tree = (Expr, usize);

/// Reads an expression.
pub fn parse(source: &str) -> Result<Expr, ParseError> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(ParseError {
            at: SOURCE_BYTES_MAX,
            what: "the expression is too long".to_owned(),
        });
    }
    let words = lexer::words(source)?;
    let mut parser = Parser {
        words,
        next: 0,
        depth: 0,
    };
    let (root, _) = parser.binary(0)?;
    match parser.peek() {
        Token::End => Ok(root),
        _ => parser.fail("the end was expected"),
    }
}

struct Parser {
    words: Vec<Placed>,
    next: usize,
    depth: usize,
}

/// An operator by its word, and how strongly it binds.
fn operator(token: &Token) -> Option<(Op, usize)> {
    let word = match token {
        Token::Word(word) => word.as_str(),
        Token::Sign(sign) => sign,
        _ => return None,
    };
    Some(match word {
        "implies" => (Op::Implies, 1),
        "or" => (Op::Or, 2),
        "xor" => (Op::Xor, 2),
        "and" => (Op::And, 3),
        "in" => (Op::In, 4),
        "contains" => (Op::Contains, 4),
        "=" => (Op::Equal, 5),
        "~" => (Op::Equivalent, 5),
        "!=" => (Op::NotEqual, 5),
        "!~" => (Op::NotEquivalent, 5),
        "<" => (Op::Less, 6),
        "<=" => (Op::LessOrEqual, 6),
        ">" => (Op::Greater, 6),
        ">=" => (Op::GreaterOrEqual, 6),
        "|" => (Op::Union, 7),
        "+" => (Op::Add, 9),
        "-" => (Op::Subtract, 9),
        "&" => (Op::Join, 9),
        "*" => (Op::Times, 10),
        "/" => (Op::Divide, 10),
        "div" => (Op::Div, 10),
        "mod" => (Op::Mod, 10),
        _ => return None,
    })
}

/// `is` and `as` bind more strongly than `|`, less than `+`.
const TYPE_STRENGTH: usize = 8;

impl Parser {
    fn peek(&self) -> &Token {
        self.words
            .get(self.next)
            .map_or(&Token::End, |placed| &placed.token)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), ParseError> {
        if self.takes(sign) {
            return Ok(());
        }
        self.fail(&format!("{sign} was expected"))
    }

    fn fail<T>(&self, what: &str) -> Result<T, ParseError> {
        let last = self.words.last().map_or(0, |placed| placed.at);
        Err(ParseError {
            at: self.words.get(self.next).map_or(last, |placed| placed.at),
            what: what.to_owned(),
        })
    }

    fn grown(&self, tree: Expr, below: usize) -> Result<Tree, ParseError> {
        if below >= HEIGHT_MAX {
            return self.fail("the expression is too deep");
        }
        Ok((tree, below + 1))
    }

    fn binary(&mut self, least: usize) -> Result<Tree, ParseError> {
        self.depth += 1;
        if self.depth > HEIGHT_MAX {
            return self.fail("the expression is too deep");
        }
        let (mut left, mut height) = self.unary()?;
        loop {
            if let Token::Word(word) = self.peek()
                && (word == "is" || word == "as")
                && least <= TYPE_STRENGTH
            {
                let is = word == "is";
                self.next += 1;
                let ty = self.type_name()?;
                let tree = if is { Expr::Is } else { Expr::As };
                (left, height) = self.grown(tree(Box::new(left), ty), height)?;
                continue;
            }
            match operator(self.peek()) {
                Some((op, strength)) if strength >= least.max(1) => {
                    self.next += 1;
                    let (right, right_height) = self.binary(strength + 1)?;
                    let tree = Expr::Binary(op, Box::new((left, right)));
                    (left, height) = self.grown(tree, height.max(right_height))?;
                }
                _ => break,
            }
        }
        self.depth -= 1;
        Ok((left, height))
    }

    fn unary(&mut self) -> Result<Tree, ParseError> {
        let minus = self.takes("-");
        if !minus && !self.takes("+") {
            return self.path();
        }
        self.depth += 1;
        if self.depth > HEIGHT_MAX {
            return self.fail("the expression is too deep");
        }
        let (operand, height) = self.unary()?;
        self.depth -= 1;
        let tree = if minus { Expr::Minus } else { Expr::Plus };
        self.grown(tree(Box::new(operand)), height)
    }

    /// A term, and the steps behind it.
    fn path(&mut self) -> Result<Tree, ParseError> {
        let mut steps = Vec::new();
        let (head, mut height) = match self.peek() {
            Token::Word(word) if !matches!(word.as_str(), "true" | "false") => {
                let (step, height) = self.step()?;
                steps.push(step);
                (None, height)
            }
            Token::Quoted(_) => {
                let (step, height) = self.step()?;
                steps.push(step);
                (None, height)
            }
            _ => {
                let (term, height) = self.term()?;
                (Some(term), height)
            }
        };
        loop {
            if self.takes(".") {
                let (step, below) = match self.peek() {
                    Token::Dollar(_) => return self.fail("a name was expected"),
                    _ => self.step()?,
                };
                steps.push(step);
                height = height.max(below);
            } else if self.takes("[") {
                let (index, below) = self.binary(0)?;
                self.expect("]")?;
                steps.push(Step::At(index));
                height = height.max(below);
            } else {
                break;
            }
        }
        match head {
            Some(head) if steps.is_empty() => Ok((head, height)),
            head => self.grown(Expr::Path(head.map(Box::new), steps), height),
        }
    }

    fn term(&mut self) -> Result<Tree, ParseError> {
        let at = self.next;
        let leaf = match self.take() {
            Token::Sign("(") => {
                let inner = self.binary(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("{") => {
                self.expect("}")?;
                Expr::Empty
            }
            Token::Word(word) => Expr::Boolean(word == "true"),
            Token::Text(text) => Expr::Text(text),
            Token::Number(number) => self.number(&number)?,
            Token::Moment(text) => match Moment::parse_literal(&text) {
                Some(moment) => Expr::Moment(moment),
                None => return self.fail("no such date or time"),
            },
            Token::Dollar(word) => match word.as_str() {
                "this" => Expr::This,
                "index" => Expr::Index,
                "total" => Expr::Total,
                _ => return self.fail("$this, $index or $total was expected"),
            },
            Token::Variable(name) if !name.is_empty() => Expr::Variable(name),
            _ => {
                self.next = at;
                return self.fail("a value or a name was expected");
            }
        };
        Ok((leaf, 1))
    }

    fn number(&mut self, text: &str) -> Result<Expr, ParseError> {
        let unit = match self.peek() {
            Token::Text(unit) => Some(unit.clone()),
            Token::Word(word) if quantity::is_calendar_word(word) => Some(word.clone()),
            _ => None,
        };
        let decimal = || Decimal::from_str_exact(text).ok();
        let number = if let Some(unit) = unit {
            self.next += 1;
            let quoted = matches!(
                self.words.get(self.next - 1).map(|p| &p.token),
                Some(Token::Text(_))
            );
            let unit = if quoted {
                unit
            } else {
                quantity::calendar_unit(&unit).to_owned()
            };
            decimal().map(|value| Expr::Quantity(value, unit))
        } else if text.contains('.') {
            decimal().map(Expr::Decimal)
        } else {
            text.parse().ok().map(Expr::Integer)
        };
        match number {
            Some(number) => Ok(number),
            None => self.fail("a number with too many digits"),
        }
    }

    fn name(&mut self) -> Result<String, ParseError> {
        match self.take() {
            Token::Word(name) | Token::Quoted(name) => Ok(name),
            _ => {
                self.next -= 1;
                self.fail("a name was expected")
            }
        }
    }

    fn type_name(&mut self) -> Result<TypeName, ParseError> {
        let mut name = self.name()?;
        let mut namespace = None;
        if self.takes(".") {
            namespace = Some(name);
            name = self.name()?;
        }
        match TypeName::parse(namespace.as_deref(), &name) {
            Some(ty) => Ok(ty),
            None => {
                self.next -= 1;
                self.fail("no such type")
            }
        }
    }

    /// A member, or a function with its arguments.
    fn step(&mut self) -> Result<(Step, usize), ParseError> {
        let at = self.next;
        let name = self.name()?;
        if !self.takes("(") {
            return Ok((Step::Member(name), 1));
        }
        let Some(function) = Function::named(&name) else {
            self.next = at;
            return self.fail(&format!("no function {name}"));
        };
        let mut call = Call {
            function,
            args: Vec::new(),
            ty: None,
            pattern: None,
        };
        let mut height = 1;
        if function.takes_type() {
            call.ty = Some(self.type_name()?);
            self.expect(")")?;
            return Ok((Step::Call(call), height));
        }
        if !self.takes(")") {
            loop {
                let (arg, below) = self.binary(0)?;
                call.args.push(arg);
                height = height.max(below + 1);
                if !self.takes(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        let (least, most) = function.arity();
        if call.args.len() < least || call.args.len() > most {
            self.next = at;
            return self.fail(&format!("{name} takes {least} to {most} arguments"));
        }
        if let (Some(anchored), Some(Expr::Text(pattern))) =
            (function.takes_pattern(), call.args.first())
        {
            match compile(pattern, anchored) {
                Some(pattern) => call.pattern = Some(pattern),
                None => {
                    self.next = at;
                    return self.fail("a pattern that cannot be read");
                }
            }
        }
        Ok((Step::Call(call), height))
    }
}

/// A pattern whose dot takes line ends too; `anchored`: it must match the whole text.
pub fn compile(pattern: &str, anchored: bool) -> Option<regex::Regex> {
    let whole;
    let pattern = if anchored {
        whole = format!("^(?:{pattern})$");
        &whole
    } else {
        pattern
    };
    RegexBuilder::new(pattern)
        .dot_matches_new_line(true)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
        .ok()
}
