//! One connection of the generator: bytes made beforehand out, an answer in.
//!
//! It reads no more of HTTP than the load needs (status, and the body's length or its chunks),
//! so that the generator takes as little as possible of the machine that it shares with the
//! server. Source: RFC 9112 sections 4, 6 and 7.1.

use std::{io, net::SocketAddr};

use hyper::body::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Most bytes of an answer's head.
const HEAD_MAX: usize = 32 << 10;
/// Most bytes of an answer's body.
const BODY_MAX: usize = 16 << 20;

/// A request, ready to be written.
#[derive(Clone, Debug)]
pub struct PreparedRequest(Bytes);

impl PreparedRequest {
    /// A request of a method with headers and a body.
    #[must_use]
    pub fn new(
        method: &str,
        path: &str,
        host: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Self {
        let mut out = Vec::with_capacity(256 + body.len());
        for part in [method, " ", path, " HTTP/1.1\r\nhost: ", host, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        for (name, value) in headers {
            for part in [name, ": ", value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        if !body.is_empty() || method == "POST" {
            out.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
        Self(Bytes::from(out))
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A connection that is kept alive.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The body of an answer that came in chunks.
    joined: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
            joined: Vec::new(),
        })
    }

    /// Sends a request, reads its whole answer; status and body.
    pub(super) async fn call(&mut self, request: &PreparedRequest) -> io::Result<(u16, &[u8])> {
        self.buffer.clear();
        self.stream.write_all(request.bytes()).await?;
        let head = loop {
            if let Some(head) = Head::read(&self.buffer)? {
                break head;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(broken("a head without end"));
            }
            self.fill().await?;
        };
        let Some(body) = head.body else {
            self.read_chunks(head.length).await?;
            return Ok((head.status, &self.joined));
        };
        let end = head.length + body;
        while self.buffer.len() < end {
            self.fill().await?;
        }
        let body = self.buffer.get(head.length..end);
        match body {
            Some(body) if self.buffer.len() == end => Ok((head.status, body)),
            _ => Err(broken("more than one answer")),
        }
    }

    /// Reads a body that comes in chunks, without trailers, from `at` on.
    async fn read_chunks(&mut self, mut at: usize) -> io::Result<()> {
        self.joined.clear();
        loop {
            let line = loop {
                let rest = self.buffer.get(at..).unwrap_or_default();
                if let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
                    break rest.get(..end).unwrap_or_default();
                }
                self.fill().await?;
            };
            let size = chunk_size(line).ok_or_else(|| broken("no size of a chunk"))?;
            let begin = at + line.len() + 2;
            let end = begin + size;
            if self.joined.len() + size > BODY_MAX {
                return Err(broken("too large a body"));
            }
            while self.buffer.len() < end + 2 {
                self.fill().await?;
            }
            if self.buffer.get(end..end + 2) != Some(b"\r\n") {
                return Err(broken("a chunk without end"));
            }
            let chunk = self.buffer.get(begin..end).unwrap_or_default();
            self.joined.extend_from_slice(chunk);
            at = end + 2;
            if size == 0 {
                let is_all = self.buffer.len() == at;
                return is_all
                    .then_some(())
                    .ok_or_else(|| broken("more than one answer"));
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }
}

fn broken(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// What an answer's head says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Bytes of the head, the empty line included.
    length: usize,
    /// Bytes of the body; `None` when it comes in chunks.
    body: Option<usize>,
}

impl Head {
    /// `None` while it is incomplete.
    fn read(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = bytes.get(..end).unwrap_or_default();
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix(b"HTTP/1.1 "))
            .and_then(|line| number(line.get(..3)?))
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(|| broken("no status line"))?;
        let (mut body, mut is_chunked) = (None, false);
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                continue;
            };
            let (name, value) = line.split_at(colon);
            let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"content-length") {
                body = number(value);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                is_chunked = value.eq_ignore_ascii_case(b"chunked");
            }
        }
        let bodiless = matches!(status, 204 | 304);
        let body = body
            .or(bodiless.then_some(0))
            .filter(|body| *body <= BODY_MAX && !is_chunked);
        if body.is_none() && !is_chunked {
            return Err(broken("no usable content length"));
        }
        Ok(Some(Self {
            status,
            length: end + 4,
            body,
        }))
    }
}

/// The size at the beginning of a chunk; what follows a semicolon is of no interest.
fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let fits = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| fits)?;
    usize::from_str_radix(text, 16)
        .ok()
        .filter(|size| *size <= BODY_MAX)
}

fn number(digits: &[u8]) -> Option<usize> {
    let fits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| fits)?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length:  5\r\nx: y\r\n\r\nhello";
        assert_eq!(
            Head::read(answer).expect("a head"),
            Some(Head {
                status: 201,
                length: answer.len() - 5,
                body: Some(5)
            })
        );
        for end in 0..answer.len() - 5 {
            assert_eq!(Head::read(&answer[..end]).expect("so far"), None, "{end}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_framed_is_refused() {
        for bad in [
            &b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
            b"SMTP ready\r\n\r\n",
        ] {
            assert!(Head::read(bad).is_err());
        }
    }

    #[test]
    fn a_body_in_chunks_is_joined() {
        use std::io::{Read as _, Write as _};
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let good = "5;a=b\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n";
        let answers = [
            (good, Some("hello 0123456789")),
            ("0\r\n\r\n", Some("")),
            ("x\r\nhello\r\n0\r\n\r\n", None),
            ("5\r\nhello!!0\r\n\r\n", None),
            ("5\r\nhello\r\n", None),
        ];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = thread::spawn(move || {
            for (answer, _) in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                // What is left unread when the stream is closed would reset the connection.
                let (mut asked, mut some) = (Vec::new(), [0; 64]);
                while !asked.ends_with(b"\r\n\r\n") {
                    let count = stream.read(&mut some).expect("a request");
                    assert!(count > 0, "the request ends early");
                    asked.extend_from_slice(&some[..count]);
                }
                for part in [head, answer] {
                    stream.write_all(part.as_bytes()).expect("written");
                }
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        for (answer, body) in answers {
            let read = runtime.block_on(async {
                let mut connection = Connection::open(address).await.expect("open");
                let request = PreparedRequest::new("GET", "/", "h", &[], b"");
                connection
                    .call(&request)
                    .await
                    .map(|(status, body)| (status, body.to_vec()))
                    .ok()
            });
            assert_eq!(
                read,
                body.map(|body| (200, body.as_bytes().to_vec())),
                "{answer}"
            );
        }
        server.join().expect("the server ends");
    }

    #[test]
    fn a_request_is_written_as_http_wants_it() {
        let request = PreparedRequest::new("POST", "/a", "h:1", &[("content-type", "x")], b"body");
        assert_eq!(
            request.bytes(),
            b"POST /a HTTP/1.1\r\nhost: h:1\r\ncontent-type: x\r\ncontent-length: 4\r\n\r\nbody"
        );
        let request = PreparedRequest::new("GET", "/a", "h:1", &[], b"");
        assert_eq!(request.bytes(), b"GET /a HTTP/1.1\r\nhost: h:1\r\n\r\n");
    }
}
