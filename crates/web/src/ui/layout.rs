//! The arrangement of a page's parts: sections, columns, menu tiles, steps, progress,
//! pages of a list, and what stands where there is nothing to show.

use maud::{Markup, html};

use super::{Icon, Lang, icon};

/// A section with its heading; `id` is unique in the page.
#[must_use]
pub fn section(id: &str, heading: &str, body: &Markup) -> Markup {
    html! {
        section.section aria-labelledby=(id) {
            h2 id=(id) { (heading) }
            (body)
        }
    }
}

/// Parts side by side where there is room, one below the other where there is not.
#[must_use]
pub fn columns(parts: &[Markup]) -> Markup {
    html! { div.columns { @for part in parts { div.column { (part) } } } }
}

/// One entry of a menu page.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Where it leads.
    pub href: &'a str,
    /// Its picture.
    pub icon: Icon,
    /// What can be done there.
    pub title: &'a str,
    /// One sentence more.
    pub description: &'a str,
}

/// The large entries of a menu page.
#[must_use]
pub fn tiles(tiles: &[Tile<'_>]) -> Markup {
    html! {
        ul.tiles {
            @for tile in tiles {
                li {
                    a.tile href=(tile.href) {
                        (icon(tile.icon))
                        span.tile-text {
                            span.tile-title { (tile.title) }
                            span.tile-more { (tile.description) }
                        }
                    }
                }
            }
        }
    }
}

/// Where a step of a procedure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Done.
    Done,
    /// The reader is here.
    Current,
    /// Still to come.
    Coming,
}

impl Step {
    const fn of(nth: usize, current: usize) -> Self {
        if nth < current {
            Self::Done
        } else if nth == current {
            Self::Current
        } else {
            Self::Coming
        }
    }
}

/// The steps of a procedure; `current` counts from 0, and `labels.len()` means all done.
#[must_use]
pub fn steps(lang: Lang, labels: &[&str], current: usize) -> Markup {
    html! {
        ol.steps aria-label=(lang.pick("手順", "Steps")) {
            @for (nth, label) in labels.iter().enumerate() {
                @let step = Step::of(nth, current);
                li.step-done[step == Step::Done].step-current[step == Step::Current]
                    aria-current=[(step == Step::Current).then_some("step")] {
                    span.step-number aria-hidden="true" {
                        @if step == Step::Done { (icon(Icon::Check)) }
                        @else { (nth.saturating_add(1)) }
                    }
                    span.step-label {
                        (label)
                        @if step == Step::Done { span.vh { (lang.pick("（済み）", " (done)")) } }
                    }
                }
            }
        }
    }
}

/// How far a long piece of work has come, with the numbers beside the bar.
#[must_use]
pub fn progress(lang: Lang, id: &str, label: &str, done: u64, total: u64) -> Markup {
    html! {
        div.progress {
            label for=(id) { (label) }
            progress id=(id) value=(done) max=(total.max(1)) {}
            span.progress-number {
                @match lang {
                    Lang::Ja => { (total) "件のうち" (done) "件" },
                    Lang::En => { (done) " of " (total) },
                }
            }
        }
    }
}

/// What stands where a list has nothing to show: that it is empty, why, and a way on.
#[must_use]
pub fn empty(heading: &str, body: &str, action: Option<&Markup>) -> Markup {
    html! {
        div.empty {
            p.empty-heading { (heading) }
            p { (body) }
            @if let Some(action) = action { (action) }
        }
    }
}

/// The pages of a long list. `page` counts from 1; `href` gives a page's address.
/// Nothing when there is one page only.
#[must_use]
pub fn pagination(lang: Lang, page: u32, pages: u32, href: &dyn Fn(u32) -> String) -> Markup {
    html! {
        @if pages > 1 {
            nav.pagination aria-label=(lang.pick("ページの移動", "Pages")) {
                ul {
                    @if page > 1 {
                        li { a.page-step rel="prev" href=(href(page.saturating_sub(1))) {
                            (lang.pick("前へ", "Previous"))
                        } }
                    }
                    @for item in page_items(page, pages) {
                        li { (page_link(lang, item, page, href)) }
                    }
                    @if page < pages {
                        li { a.page-step rel="next" href=(href(page.saturating_add(1))) {
                            (lang.pick("次へ", "Next"))
                        } }
                    }
                }
            }
        }
    }
}

fn page_link(lang: Lang, item: Option<u32>, page: u32, href: &dyn Fn(u32) -> String) -> Markup {
    html! {
        @if let Some(number) = item {
            a href=(href(number)) aria-current=[(number == page).then_some("page")] {
                span.vh { (lang.pick("", "Page ")) } (number)
                span.vh { (lang.pick("ページ目", "")) }
            }
        } @else {
            span.page-gap aria-hidden="true" { "…" }
        }
    }
}

/// First, last and the neighbours of `page`; `None` where some are left out.
fn page_items(page: u32, pages: u32) -> Vec<Option<u32>> {
    let near = page.saturating_sub(1).max(1)..=page.saturating_add(1).min(pages);
    let mut numbers: Vec<u32> = std::iter::once(1).chain(near).chain([pages]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut items = Vec::with_capacity(numbers.len().saturating_add(2));
    let mut last = 0_u32;
    for number in numbers {
        match number.saturating_sub(last) {
            0 | 1 => {}
            2 => items.push(Some(number.saturating_sub(1))),
            _ => items.push(None),
        }
        items.push(Some(number));
        last = number;
    }
    items
}
