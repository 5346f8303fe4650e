//! The source with all edits in it.

use std::ops::Range;

/// Something before a range, and something after it.
pub(crate) struct Edit {
    id: u32,
    range: Range<usize>,
    before: String,
    after: String,
}

impl Edit {
    pub(crate) fn new(id: u32, range: Range<usize>, before: String, after: String) -> Self {
        Self {
            id,
            range,
            before,
            after,
        }
    }
}

/// The text, and where the `before` of each edit stands in it. Ranges lie beside or within each other.
pub(crate) fn render(source: &str, mut edits: Vec<Edit>) -> (String, Vec<(u32, Range<usize>)>) {
    edits.sort_by_key(|edit| {
        (
            edit.range.start,
            !edit.range.is_empty(),
            usize::MAX - edit.range.end,
        )
    });
    let mut text = String::new();
    let mut spans = Vec::new();
    let mut open: Vec<&Edit> = Vec::new();
    let mut at = 0;
    for edit in &edits {
        while let Some(inner) = open.pop_if(|inner| inner.range.end <= edit.range.start) {
            text += &source[at..inner.range.end];
            text += &inner.after;
            at = inner.range.end;
        }
        text += &source[at..edit.range.start];
        at = edit.range.start;
        let start = text.len();
        text += &edit.before;
        spans.push((edit.id, start..text.len()));
        open.push(edit);
    }
    while let Some(inner) = open.pop() {
        text += &source[at..inner.range.end];
        text += &inner.after;
        at = inner.range.end;
    }
    text += &source[at..];
    (text, spans)
}
