//! Which keys mean which action: those of the table, unless settings say otherwise.

use std::collections::BTreeMap;
use std::fmt;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::table::Action;

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys(pub KeyboardShortcut);

impl Keys {
    /// Reads `Ctrl+Shift+S`. On a Mac `Ctrl` is Cmd, and `Control` is Control. `Err` tells what is wrong.
    pub fn parse(text: &str) -> Result<Keys, String> {
        // A plus may be the key itself.
        let (before, key) = match text.strip_suffix('+') {
            Some(before) if before.is_empty() || before.ends_with('+') => (before.trim_end_matches('+'), "+"),
            _ => text.rsplit_once('+').unwrap_or(("", text)),
        };
        let mut modifiers = Modifiers::NONE;
        for modifier in before.split('+').map(str::trim).filter(|modifier| !modifier.is_empty()) {
            modifiers |= match modifier.to_ascii_lowercase().as_str() {
                "control" => Modifiers::CTRL,
                "ctrl" | "cmd" => Modifiers::COMMAND,
                "shift" => Modifiers::SHIFT,
                "alt" => Modifiers::ALT,
                _ => return Err(format!("'{modifier}' in '{text}' is not Ctrl, Cmd, Shift or Alt")),
            };
        }
        let key = key.trim();
        match Key::from_name(key).filter(|key| *key != Key::Escape) {
            Some(key) => Ok(Keys(KeyboardShortcut::new(modifiers, key))),
            None if key.eq_ignore_ascii_case("Escape") || key.eq_ignore_ascii_case("Esc") => {
                Err(format!("'{text}': Escape always gives up what is under way"))
            }
            None => Err(format!("'{key}' in '{text}' is no key")),
        }
    }

    /// Whether a press is of these keys; Shift and Alt may be held beside what they ask for.
    fn are(self, key: Key, modifiers: Modifiers) -> bool {
        self.0.logical_key == key && modifiers.matches_logically(self.0.modifiers)
    }

    /// Whether two are pressed alike: but for a Mac, Ctrl and Control are one.
    fn is(self, other: Keys) -> bool {
        let one = |keys: Keys| {
            let Modifiers { ctrl, command, .. } = keys.0.modifiers;
            let (ctrl, command) = if cfg!(target_os = "macos") { (ctrl, command) } else { (ctrl || command, false) };
            (keys.0.logical_key, Modifiers { ctrl, command, ..keys.0.modifiers })
        };
        one(self) == one(other)
    }

    /// Whether Shift at most is asked for: popups take such keys for themselves.
    pub fn is_plain(self) -> bool {
        let Modifiers { alt, ctrl, mac_cmd, command, .. } = self.0.modifiers;
        !(alt || ctrl || mac_cmd || command)
    }

    /// Whether a text field has no use for them: function keys, and what is pressed with Ctrl or Alt.
    pub fn are_no_text(self) -> bool {
        let name = self.0.logical_key.name();
        let is_function = name.len() > 1 && name.strip_prefix('F').is_some_and(|n| n.parse::<u8>().is_ok());
        is_function || !self.is_plain()
    }

    fn modifiers(self) -> usize {
        let Modifiers { alt, ctrl, shift, mac_cmd, command } = self.0.modifiers;
        [alt, ctrl, shift, mac_cmd, command].into_iter().filter(|is_held| *is_held).count()
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Keys(KeyboardShortcut { modifiers, logical_key }) = self;
        let held = egui::ModifierNames::NAMES.format(modifiers, cfg!(target_os = "macos"));
        // A sign as it stands on the keyboard; arrows have names that can be written.
        let key = Some(logical_key.symbol_or_name()).filter(|sign| sign.is_ascii()).unwrap_or(logical_key.name());
        write!(f, "{held}{}{key}", if held.is_empty() { "" } else { "+" })
    }
}

/// Which keys mean which action.
#[derive(Clone, Debug)]
pub struct Keymap {
    keys: Vec<(Keys, Action)>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        Keymap::with(&BTreeMap::new()).0
    }
}

impl Keymap {
    /// The table's keys, and for the actions of `settings` those that it gives instead: by the action's name in settings.
    /// Also what is wrong with them; the rest counts.
    pub fn with(settings: &BTreeMap<String, Vec<String>>) -> (Keymap, Vec<String>) {
        let mut wrong: Vec<String> = Vec::new();
        let unknown = settings.keys().filter(|id| Action::called(id).is_none());
        wrong.extend(unknown.map(|id| format!("no action is called '{id}'")));
        let mut keys: Vec<(Keys, Action)> = Vec::new();
        for action in Action::ALL.iter().copied() {
            for text in settings.get(action.row().id).into_iter().flatten() {
                match Keys::parse(text) {
                    Ok(new) => match keys.iter().find(|(taken, _)| taken.is(new)) {
                        Some((_, other)) if *other != action => {
                            let (first, second) = (other.row().id, action.row().id);
                            wrong.push(format!("{new} is given to both '{first}' and '{second}'"));
                        }
                        Some(_) => {}
                        None => keys.push((new, action)),
                    },
                    Err(why) => wrong.push(format!("{}: {why}", action.row().id)),
                }
            }
        }
        // What settings give to one action the table does not give to another.
        for action in Action::ALL.iter().copied().filter(|action| !settings.contains_key(action.row().id)) {
            let own = action.row().keys.iter().filter_map(|text| Keys::parse(text).ok());
            let free: Vec<_> = own.filter(|new| keys.iter().all(|(taken, _)| !taken.is(*new))).collect();
            keys.extend(free.into_iter().map(|new| (new, action)));
        }
        (Keymap { keys }, wrong)
    }

    /// The keys of an action, the first first.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = Keys> + '_ {
        self.keys.iter().filter(move |(_, of)| *of == action).map(|(keys, _)| *keys)
    }

    /// Its first keys as text; nothing if it has none.
    pub fn text(&self, action: Action) -> String {
        self.keys(action).next().map(|keys| keys.to_string()).unwrap_or_default()
    }

    /// What a press means: of keys that fit those that ask for most.
    pub fn action(&self, key: Key, modifiers: Modifiers) -> Option<(Keys, Action)> {
        let fitting = self.keys.iter().filter(|(keys, _)| keys.are(key, modifiers));
        fitting.copied().max_by_key(|(keys, _)| keys.modifiers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(of: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        of.iter().map(|(id, keys)| (id.to_string(), keys.iter().map(ToString::to_string).collect())).collect()
    }

    #[test]
    fn the_table_s_keys_can_be_read_and_no_two_actions_share_any() {
        let mut seen: Vec<(Keys, Action)> = Vec::new();
        for action in Action::ALL {
            let row = action.row();
            assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.id);
            assert_eq!(Action::called(row.id), Some(*action), "{} is called so by one", row.id);
            for text in row.keys {
                let keys = Keys::parse(text).unwrap();
                let twice = seen.iter().find(|(other, _)| other.is(keys));
                assert_eq!(twice, None, "{text} of {}", row.id);
                seen.push((keys, *action));
            }
        }
    }

    #[test]
    fn of_keys_that_fit_those_that_ask_for_most_count() {
        let keymap = Keymap::default();
        let pressed = |key, modifiers| keymap.action(key, modifiers).map(|(_, action)| action);
        assert_eq!(pressed(Key::Z, Modifiers::COMMAND), Some(Action::Undo));
        assert_eq!(pressed(Key::Z, Modifiers::COMMAND | Modifiers::SHIFT), Some(Action::Redo));
        assert_eq!(pressed(Key::F5, Modifiers::NONE), Some(Action::Run));
        assert_eq!(pressed(Key::F5, Modifiers::SHIFT), Some(Action::Stop));
        assert_eq!(pressed(Key::Z, Modifiers::NONE), None);
        // As tests press it, and as keyboards do where Ctrl is the command key.
        assert_eq!(pressed(Key::Tab, Modifiers::CTRL), Some(Action::NextPage));
        assert_eq!(pressed(Key::Tab, Modifiers::CTRL | Modifiers::COMMAND), Some(Action::NextPage));
        // With Shift, as keyboards have it.
        assert_eq!(pressed(Key::Questionmark, Modifiers::SHIFT), Some(Action::Help));
    }

    #[test]
    fn a_text_field_has_no_use_for_function_keys_and_for_what_is_pressed_with_ctrl() {
        let no_text = |text: &str| Keys::parse(text).unwrap().are_no_text();
        for (text, expected) in
            [("F1", true), ("F12", true), ("Shift+F5", true), ("Ctrl+P", true), ("Alt+F", true), ("F", false)]
        {
            assert_eq!(no_text(text), expected, "{text}");
        }
        assert!(!no_text("?") && !no_text("Delete") && !no_text("Shift+Left") && !no_text("Space"));
    }

    #[test]
    fn settings_take_keys_from_the_table() {
        let (keymap, wrong) = Keymap::with(&settings(&[("duplicate", &["Ctrl+Z", "Alt++"]), ("run", &[])]));
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(keymap.action(Key::Z, Modifiers::COMMAND).map(|(_, action)| action), Some(Action::Duplicate));
        assert_eq!(keymap.action(Key::Plus, Modifiers::ALT).map(|(_, action)| action), Some(Action::Duplicate));
        assert_eq!(keymap.action(Key::D, Modifiers::COMMAND), None);
        assert_eq!((keymap.text(Action::Undo), keymap.text(Action::Run)), (String::new(), String::new()));
        assert_eq!(keymap.text(Action::Delete), "Delete");
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_counts() {
        let given = [
            ("undo", ["Crtl+Z", "Ctrl+U"].as_slice()),
            ("redo", &["Ctrl+U", "Ctrl+Foo", ""]),
            ("help", &["Escape"]),
            ("stop", &["Ctrl+Tab"]),
            ("next_page", &["Control+Tab"]),
            ("fly", &["F9"]),
        ];
        let (keymap, mut wrong) = Keymap::with(&settings(&given));
        wrong.sort();
        let mut expected = [
            "no action is called 'fly'",
            "Ctrl+Tab is given to both 'next_page' and 'stop'",
            "undo: 'Crtl' in 'Crtl+Z' is not Ctrl, Cmd, Shift or Alt",
            "Ctrl+U is given to both 'undo' and 'redo'",
            "redo: 'Foo' in 'Ctrl+Foo' is no key",
            "redo: '' in '' is no key",
            "help: 'Escape': Escape always gives up what is under way",
        ];
        expected.sort();
        assert_eq!(wrong, expected);
        assert_eq!(keymap.action(Key::U, Modifiers::COMMAND).map(|(_, action)| action), Some(Action::Undo));
    }
}
