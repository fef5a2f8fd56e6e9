//! The files inside resources: attachments, and Binaries themselves.

use crate::clins::profile::text_at;
use crate::json::Node;

/// A file in a resource.
pub(super) struct File<'d> {
    /// The Attachment, or the Binary itself: `contentType`, `data`, `url`, `title`.
    pub node: Node<'d>,
    /// Its format code.
    pub format: Option<&'d str>,
}

/// The files in a resource, in order.
pub(super) fn of(resource: Node<'_>) -> Vec<File<'_>> {
    let bare = |node| File { node, format: None };
    match resource.str("resourceType") {
        Some("DocumentReference") => resource
            .list("content")
            .filter_map(|content| {
                Some(File {
                    node: content.get("attachment")?,
                    format: text_at(content, &["format", "code"]),
                })
            })
            .collect(),
        Some("DiagnosticReport") => resource.list("presentedForm").map(bare).collect(),
        Some("Media") => resource.get("content").map(bare).into_iter().collect(),
        Some("Binary") => vec![bare(resource)],
        _ => Vec::new(),
    }
}
