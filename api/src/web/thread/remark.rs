//! Comments in the order in which a thread is read: each before its answers.

use std::collections::HashMap;

use service::{comment::CommentView, entity::CommentId};

/// How far answers move in at most: a phone is narrow.
const DEEPEST: usize = 3;

/// A comment as a line of the discussion.
pub(in crate::web) struct Remark {
    pub(in crate::web) view: CommentView,
    /// How far it moves in.
    pub(in crate::web) depth: usize,
    /// Whom it answers, if that is not the mark and not on another page.
    pub(in crate::web) to: Option<String>,
}

impl Remark {
    /// Who wrote it, in words.
    pub(in crate::web) fn who(&self) -> &str {
        who(&self.view)
    }

    pub(in crate::web) fn is_mine(&self) -> bool {
        self.view.author.as_ref().is_some_and(|author| author.me)
    }

    pub(in crate::web) fn is_gone(&self) -> bool {
        self.view.comment.deleted_at.is_some()
    }
}

fn who(view: &CommentView) -> &str {
    match &view.author {
        _ if view.comment.deleted_at.is_some() => "Somebody",
        Some(author) if author.me => "You",
        Some(author) => &author.name,
        None => "Somebody",
    }
}

/// The comments of a page, which come as they were written, as they are read.
pub(super) fn remarks(views: Vec<CommentView>) -> Vec<Remark> {
    let names: HashMap<CommentId, String> = views.iter().map(|view| (view.comment.id, who(view).to_owned())).collect();
    let mut below: HashMap<Option<CommentId>, Vec<CommentView>> = HashMap::new();
    for view in views {
        let parent = view.comment.parent_id.filter(|id| names.contains_key(id));
        below.entry(parent).or_default().push(view);
    }
    // What comes first is taken first.
    let mut waiting: Vec<(CommentView, usize)> =
        below.remove(&None).unwrap_or_default().into_iter().rev().map(|view| (view, 0)).collect();
    let mut all = Vec::with_capacity(names.len());
    while let Some((view, depth)) = waiting.pop() {
        let answers = below.remove(&Some(view.comment.id)).unwrap_or_default();
        waiting.extend(answers.into_iter().rev().map(|answer| (answer, depth.saturating_add(1))));
        let to = view.comment.parent_id.and_then(|id| names.get(&id)).cloned();
        all.push(Remark { view, depth: depth.min(DEEPEST), to });
    }
    all
}
