//! What there is to know of an action.

use egui::Context;

use crate::apply::work::Work;
use crate::state::State;
use crate::state::tab::Tab;

/// A menu of the bar at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Pages and their files.
    File,
    /// The page's blocks.
    Edit,
    /// Where blocks stand.
    Arrange,
    /// How things are looked at.
    View,
    /// Runs.
    Run,
    /// Help.
    Help,
}

impl Menu {
    /// All menus, from left to right.
    pub const ALL: [Menu; 6] = [Menu::File, Menu::Edit, Menu::Arrange, Menu::View, Menu::Run, Menu::Help];

    /// Its title.
    pub const fn name(self) -> &'static str {
        match self {
            Menu::File => "File",
            Menu::Edit => "Edit",
            Menu::Arrange => "Arrange",
            Menu::View => "View",
            Menu::Run => "Run",
            Menu::Help => "Help",
        }
    }
}

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The page: what is typed in its fields is kept first.
    Page,
    /// How things are looked at, or how they run.
    Look,
    /// Another page, or a file: it comes after everything else that a frame asks for, and works while text is typed.
    Elsewhere,
}

/// An action.
pub struct Row {
    /// What settings call it.
    pub id: &'static str,
    /// What menus call it.
    pub name: &'static str,
    /// Its keys, as long as settings give it no others.
    pub keys: &'static [&'static str],
    /// Where it stands in the menus: in which, and in which group there.
    pub menu: Option<(Menu, u8)>,
    /// What it does.
    pub help: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// Whether it can be taken now, on the page at an index.
    pub(crate) enabled: fn(&State, usize) -> bool,
    /// Whether it is on, if it can be on or off.
    pub(crate) on: Option<fn(&State, &Context) -> bool>,
    /// What it would do to a page, where that differs.
    pub(crate) what: fn(&Tab) -> Option<&str>,
    /// Does it.
    pub(crate) run: fn(&mut Work<'_>),
}
