//! Undo and redo: transactions of edits. A gesture is one transaction, however many edits it makes.

use crate::edit::{Edit, EditError};
use crate::page::Page;

/// A transaction that can be taken back or done again.
#[derive(Clone, Debug)]
struct Step {
    label: String,
    edit: Edit,
}

/// What was done to a page and can be undone.
#[derive(Clone, Debug, Default)]
pub struct History {
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// What could be done again before the last transaction.
    set_aside: Vec<Step>,
    open: Option<Step>,
}

impl History {
    /// Applies an edit as a transaction of its own, or as a part of the open one.
    pub fn apply(&mut self, page: &mut Page, label: &str, edit: Edit) -> Result<(), EditError> {
        let inverse = edit.apply(page)?;
        self.set_aside = std::mem::take(&mut self.redo);
        match &mut self.open {
            Some(step) => {
                let earlier = std::mem::replace(&mut step.edit, Edit::Batch(Vec::new()));
                step.edit = joined(inverse, earlier);
            }
            None => self.undo.push(Step { label: label.to_owned(), edit: inverse }),
        }
        Ok(())
    }

    /// Forgets the transaction that was applied last, which has changed nothing.
    pub fn forget_last(&mut self) {
        if self.open.is_none() {
            self.undo.pop();
            self.redo = std::mem::take(&mut self.set_aside);
        }
    }

    /// Takes back the transaction that was applied last, as if it had never been: it cannot be done again, and what could
    /// be done again before it can be. `false` if there is none.
    pub fn take_back_last(&mut self, page: &mut Page) -> Result<bool, EditError> {
        self.commit();
        let is_back = Self::shift(&mut self.undo, &mut Vec::new(), page)?;
        if is_back {
            self.redo = std::mem::take(&mut self.set_aside);
        }
        Ok(is_back)
    }

    /// Opens a transaction: edits until [`commit`](Self::commit) are undone as one.
    pub fn begin(&mut self, label: &str) {
        self.commit();
        self.open = Some(Step { label: label.to_owned(), edit: Edit::Batch(Vec::new()) });
    }

    /// Closes the open transaction, if there is one.
    pub fn commit(&mut self) {
        if let Some(step) = self.open.take()
            && !matches!(&step.edit, Edit::Batch(edits) if edits.is_empty())
        {
            self.undo.push(step);
        }
    }

    /// Takes back the last transaction. `false` if there is none.
    pub fn undo(&mut self, page: &mut Page) -> Result<bool, EditError> {
        self.commit();
        Self::shift(&mut self.undo, &mut self.redo, page)
    }

    /// Does the last undone transaction again. `false` if there is none.
    pub fn redo(&mut self, page: &mut Page) -> Result<bool, EditError> {
        self.commit();
        Self::shift(&mut self.redo, &mut self.undo, page)
    }

    fn shift(from: &mut Vec<Step>, to: &mut Vec<Step>, page: &mut Page) -> Result<bool, EditError> {
        let Some(step) = from.last() else { return Ok(false) };
        // A step that is refused stays: it may fit later.
        let inverse = step.edit.clone().apply(page)?;
        if let Some(Step { label, .. }) = from.pop() {
            to.push(Step { label, edit: inverse });
        }
        Ok(true)
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.open.as_ref().or(self.undo.last()).map(|s| s.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|s| s.label.as_str())
    }
}

fn joined(first: Edit, then: Edit) -> Edit {
    let mut edits = vec![first];
    match then {
        Edit::Batch(rest) => edits.extend(rest),
        other => edits.push(other),
    }
    Edit::Batch(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_nothing_leaves_what_can_be_done_again() {
        let mut page = Page::default();
        let mut history = History::default();
        history.apply(&mut page, "a", Edit::SetName(Some("a".to_owned()))).unwrap();
        history.undo(&mut page).unwrap();
        history.apply(&mut page, "nothing", Edit::SetName(None)).unwrap();
        history.forget_last();
        assert_eq!(history.redo_label(), Some("a"));
        assert_eq!(history.undo_label(), None);
    }

    #[test]
    fn what_was_taken_back_leaves_no_trace() {
        let (mut page, mut history) = (Page::default(), History::default());
        history.apply(&mut page, "a", name("a")).unwrap();
        history.undo(&mut page).unwrap();
        for _ in 0..2 {
            history.apply(&mut page, "b", name("b")).unwrap();
            assert!(history.take_back_last(&mut page).unwrap());
            assert_eq!((history.undo_label(), history.redo_label()), (None, Some("a")));
            assert_eq!(page, Page::default());
        }
        assert!(!history.take_back_last(&mut page).unwrap());
        assert_eq!(history.redo_label(), Some("a"));
    }

    fn name(text: &str) -> Edit {
        Edit::SetName(Some(text.to_owned()))
    }

    #[test]
    fn a_transaction_is_undone_as_one() {
        let (mut page, mut history) = (Page::default(), History::default());
        history.apply(&mut page, "first", name("a")).unwrap();
        history.begin("drag");
        for text in ["b", "c", "d"] {
            history.apply(&mut page, "ignored", name(text)).unwrap();
        }
        history.commit();
        assert_eq!(history.undo_label(), Some("drag"));
        assert!(history.undo(&mut page).unwrap());
        assert_eq!(page.name.as_deref(), Some("a"));
        assert!(history.redo(&mut page).unwrap());
        assert_eq!(page.name.as_deref(), Some("d"));
        assert!(history.undo(&mut page).unwrap() && history.undo(&mut page).unwrap());
        assert_eq!(page, Page::default());
        assert!(!history.undo(&mut page).unwrap());
    }

    #[test]
    fn an_empty_transaction_leaves_no_step_and_an_edit_forgets_what_was_undone() {
        let (mut page, mut history) = (Page::default(), History::default());
        history.begin("nothing");
        history.commit();
        assert_eq!(history.undo_label(), None);
        history.apply(&mut page, "a", name("a")).unwrap();
        history.undo(&mut page).unwrap();
        history.apply(&mut page, "b", name("b")).unwrap();
        assert_eq!(history.redo_label(), None);
    }
}
