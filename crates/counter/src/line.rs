//! The line to the platform, as the counter knows it: something is asked and heard, or why not.
//! How it is done over the wire is the program's.

use kernel::Text;

/// The line to one platform, in the name of one registered system.
pub trait Line: Send + Sync {
    /// Sends JSON to a path of the platform and waits for the answer, three seconds at most.
    ///
    /// # Errors
    /// [`Cut`].
    fn post(&self, path: &str, body: &[u8]) -> Result<Heard, Cut>;
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// Below 500, and not 401, 408 or 429: those are a [`Cut`].
    pub status: u16,
    /// As it came.
    pub body: Vec<u8>,
}

/// Why nothing was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nobody answers there, or the way there is cut.
    Connection,
    /// The name of the platform is not found.
    Name,
    /// No answer within the time.
    Time,
    /// The other end is not who it should be.
    Tls,
    /// It answers that it cannot work now.
    Status(u16),
    /// What came is no answer.
    Form,
    /// It answers, and does not take this system for a registered one.
    Registration,
}

impl Cut {
    /// May the copy stand in? Whose registration was ended has no right to go on with it.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        !matches!(self, Self::Registration)
    }

    /// In words.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Connection => Text {
                ja: "接続できません。回線か、途中の機器が止まっている可能性があります。",
                en: "no connection; the line or something on the way may be down",
            },
            Self::Name => Text {
                ja: "接続先の名前が見つかりません。回線が切れているか、名前の案内(DNS)が止まっています。",
                en: "the platform's name is not found; the line or DNS is down",
            },
            Self::Time => Text {
                ja: "3秒待っても返事がありません。",
                en: "no answer within three seconds",
            },
            Self::Tls => Text {
                ja: "接続先の証明書を確かめられません。つながった相手が本物とは言えないため、使いません。",
                en: "the other end's certificate does not hold, so it is not used",
            },
            Self::Status(_) => Text {
                ja: "接続先が、いまは処理できないと返しています。",
                en: "the platform answers that it cannot work now",
            },
            Self::Form => Text {
                ja: "返事の形式が読み取れません。接続先の設定を確認してください。",
                en: "the answer cannot be read; check the address",
            },
            Self::Registration => Text {
                ja: "この施設のシステムとしての登録が受け付けられません。登録・鍵の期限・機器の時計を確認してください。",
                en: "the registration is not accepted: check it, the key's end and the clock",
            },
        }
    }
}
