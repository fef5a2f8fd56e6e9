//! One connection of the generator: bytes made beforehand out, an answer in.
//!
//! It reads no more of HTTP than the load needs (status, `Content-Length`), so that the
//! generator takes as little as possible of the machine that it shares with the server.
//! Source: RFC 9112 sections 4 and 6.

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
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
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
        let end = head.length + head.body;
        while self.buffer.len() < end {
            self.fill().await?;
        }
        let body = self.buffer.get(head.length..end);
        match body {
            Some(body) if self.buffer.len() == end => Ok((head.status, body)),
            _ => Err(broken("more than one answer")),
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
    /// Bytes of the body.
    body: usize,
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
        let mut body = None;
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                continue;
            };
            let (name, value) = line.split_at(colon);
            if name.eq_ignore_ascii_case(b"content-length") {
                body = number(value.strip_prefix(b":").unwrap_or_default().trim_ascii());
            }
        }
        let bodiless = matches!(status, 204 | 304);
        let body = body
            .or(bodiless.then_some(0))
            .filter(|body| *body <= BODY_MAX)
            .ok_or_else(|| broken("no usable content length"))?;
        Ok(Some(Self {
            status,
            length: end + 4,
            body,
        }))
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    let fits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| fits)?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length:  5\r\nx: y\r\n\r\nhello";
        assert_eq!(
            Head::read(answer).expect("a head"),
            Some(Head {
                status: 201,
                length: answer.len() - 5,
                body: 5
            })
        );
        for end in 0..answer.len() - 5 {
            assert_eq!(Head::read(&answer[..end]).expect("so far"), None, "{end}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_framed_is_refused() {
        for bad in [
            &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
            b"SMTP ready\r\n\r\n",
        ] {
            assert!(Head::read(bad).is_err());
        }
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
