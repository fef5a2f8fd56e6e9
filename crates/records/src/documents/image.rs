//! Does an image hold together from its first byte to its last? Only such a one is shown by a
//! page; any other is given out as a file.
//!
//! Nothing is decoded: the structure is walked, sizes are bounded (a small file that unpacks to
//! a wall of pixels would stop the reader's browser), and bytes behind the end, in which a
//! second file could hide, are not allowed.
//!
//! Source: PNG (Third Edition) sections 5 and 11; ITU-T T.81 annex B; identity-security T16.

use super::sniff::FileKind;

/// Most pixels a side, and in all.
const SIDE_MAX: u32 = 30_000;
const PIXELS_MAX: u64 = 100_000_000;

/// May a page show it?
#[must_use]
pub fn is_shown(kind: FileKind, bytes: &[u8]) -> bool {
    let size = match kind {
        FileKind::Png => png(bytes),
        FileKind::Jpeg => jpeg(bytes),
        _ => None,
    };
    size.is_some_and(|(width, height)| {
        (1..=SIDE_MAX).contains(&width)
            && (1..=SIDE_MAX).contains(&height)
            && u64::from(width).saturating_mul(u64::from(height)) <= PIXELS_MAX
    })
}

/// A view that moves forward through bytes.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
}

/// Width and height of a PNG whose chunks are whole, in order, and end the file.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut left = Bytes(bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?);
    let mut size = None;
    let mut has_data = false;
    loop {
        let length = usize::try_from(left.u32()?).ok()?;
        let whole = left.0.get(..length.checked_add(4)?)?;
        let name = left.take(4)?;
        let data = left.take(length)?;
        if left.u32()? != crc(whole) {
            return None;
        }
        match (name, size) {
            (b"IHDR", None) => {
                let mut head = Bytes(data);
                size = Some((head.u32()?, head.u32()?));
            }
            (b"IHDR", Some(_)) | (_, None) => return None,
            (b"IDAT", _) => has_data = true,
            (b"IEND", _) => return size.filter(|_| has_data && left.0.is_empty()),
            _ => {}
        }
    }
}

/// CRC-32 as PNG has it (annex D), bit by bit: files are at most ten megabytes.
fn crc(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let step = |mut crc: u32, byte: &u8| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= POLYNOMIAL;
            }
        }
        crc
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// Width and height of a JPEG whose segments are whole and whose end of image ends the file.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut left = Bytes(bytes.strip_prefix(b"\xff\xd8")?);
    let mut size = None;
    let mut was_scanned = false;
    loop {
        if left.u8()? != 0xff {
            return None;
        }
        let mut marker = left.u8()?;
        // Fill bytes may stand before a marker.
        while marker == 0xff {
            marker = left.u8()?;
        }
        match marker {
            0xd9 => return size.filter(|_| was_scanned && left.0.is_empty()),
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | 0xd8 => return None,
            _ => {}
        }
        let length = usize::from(left.u16()?).checked_sub(2)?;
        let mut segment = Bytes(left.take(length)?);
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let _precision = segment.u8()?;
            let (height, width) = (segment.u16()?, segment.u16()?);
            size = Some((u32::from(width), u32::from(height)));
        }
        if marker == 0xda {
            was_scanned = true;
            scan(&mut left)?;
        }
    }
}

/// Passes over a scan's data: up to the next marker that is neither a stuffed byte nor a restart.
fn scan(left: &mut Bytes<'_>) -> Option<()> {
    let mut pairs = left.0.windows(2);
    let end = pairs.position(|pair| match pair {
        [0xff, next] => !matches!(next, 0x00 | 0xd0..=0xd7 | 0xff),
        _ => false,
    })?;
    left.take(end).map(|_| ())
}
