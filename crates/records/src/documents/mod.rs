//! The four documents (文書): 診療情報提供書, 退院時サマリー, 患者サマリー(療養計画書) and
//! 健診結果報告書, the municipal ones with it.
//!
//! A document is registered whole or not at all, and each command on it is a transition of its
//! state ([`state::State`]): what a state forbids is refused with the state and with the command
//! that fits it. The bytes are kept exactly as sent; what others see is made from them
//! ([`redact`]), because a doctor's 未告知 and 未提供 decide what each viewer gets.
//!
//! Source: clins-documents section b (documents: register, replace, delete, 取消, 取消UNDO,
//! 変更; flags; retention).

pub mod check;
pub mod errors;
pub mod files;
pub mod image;
pub mod model;
pub mod ops;
pub mod redact;
pub mod rules;
pub mod sniff;
pub mod state;
pub(crate) mod store;
