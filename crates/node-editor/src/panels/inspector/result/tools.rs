//! What stands above a table: which part of it, what is looked for, how numbers are written, and copying.

use egui::{Button, ComboBox, FontId, Key, Margin, RichText, TextEdit, Ui};
use node_core::DType;
use node_engine::analysis::order::By;
use node_engine::analysis::slicing::Slice;

use super::copy;
use super::edited::Edited;
use super::listing::Listing;
use super::subject::Subject;
use crate::command::Command;
use crate::panels::inspector::inspecting::Inspecting;
use crate::size;
use crate::state::results::{Find, Format, Shown};
use crate::widgets::names;
use crate::widgets::tokens::Tokens;

/// Tensors of so few elements need none of them.
const FEW: usize = 2;

/// Draws them. Returns the row to go to, if one is asked for; `first` is the first that is shown.
pub fn show(
    ui: &mut Ui,
    inspecting: &mut Inspecting<'_>,
    subject: &Subject,
    shown: &Shown,
    listing: &Listing,
    first: usize,
) -> Option<usize> {
    let edited = Edited::of(inspecting, subject, true);
    if subject.output.len() < FEW && edited.is_none() {
        return None;
    }
    let mut now = shown.clone();
    let mut go_to = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(5.0, 3.0);
        slice_field(ui, subject, &mut now);
        finds(ui, subject, &mut now);
        if shown.find.is_some() {
            go_to = steps(ui, subject, listing, first, &mut now);
        }
        formats(ui, subject, &mut now);
        let copied = copying(ui, subject, shown, listing);
        inspecting.commands.extend(copied);
    });
    if let Some(edited) = &edited {
        ui.horizontal(|ui| edited.form(ui, inspecting, subject));
    }
    remarks(ui, subject, &mut now, listing);
    if now != *shown {
        inspecting.show(&subject.port, now);
    }
    go_to
}

/// Where a part of the tensor is typed; it counts once it is entered, or the field is left.
fn slice_field(ui: &mut Ui, subject: &Subject, now: &mut Shown) {
    let id = egui::Id::unique(("slice", ui.scope_id(), &subject.port));
    let dims = subject.output.shape().dims();
    // What was left without being entered is forgotten.
    let is_typing = ui.memory(|memory| memory.had_focus_last_frame(id) || memory.has_focus(id));
    let typed = ui.data(|data| data.get_temp::<String>(id)).filter(|_| is_typing);
    let mut text = typed.clone().unwrap_or_else(|| now.slice.clone());
    let is_wrong = Slice::parse(&text, dims).is_err();
    let color = if is_wrong { Tokens::of(ui).error } else { Tokens::of(ui).text };
    let all = format!("[{}]", vec![":"; dims.len()].join(", "));
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(FontId::monospace(size::CAPTION))
        .text_color(color)
        .hint_text(all)
        .margin(Margin::symmetric(4, 2))
        .desired_width(74.0);
    let response = ui.add(edit).accessible_name(names::slice(&subject.port));
    let response = response.on_hover_text("A part of the tensor, as NumPy slices it: [::2, :, -1]");
    if response.lost_focus() {
        let given_up = ui.input(|i| i.key_pressed(Key::Escape));
        if !given_up {
            now.slice = text;
        }
        ui.data_mut(|data| data.remove::<String>(id));
    } else if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
}

/// What is looked for.
fn finds(ui: &mut Ui, subject: &Subject, now: &mut Shown) {
    let offered = |find: &Find| match find {
        Find::Below | Find::Above | Find::Clipped => subject.quantized().is_some(),
        Find::Unequal => subject.columns.len() > 1,
        Find::Nan | Find::Infinite | Find::Zero => subject.own().is_some_and(|own| own.reader().is_some()),
    };
    let text = now.find.map_or("Find", Find::name);
    let combo = ComboBox::from_id_salt(("find", &subject.port)).width(62.0).height(320.0).selected_text(caption(text));
    let response = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut now.find, None, "Find nothing");
        for find in Find::ALL.into_iter().filter(offered) {
            ui.selectable_value(&mut now.find, Some(find), find.name());
        }
    });
    response.response.accessible_name(names::find(&subject.port));
}

/// The way to the next that was found, how many there are, and whether the others are left out.
fn steps(ui: &mut Ui, subject: &Subject, listing: &Listing, first: usize, now: &mut Shown) -> Option<usize> {
    let mut go_to = None;
    for (sign, name, back) in [("◀", "previous", true), ("▶", "next", false)] {
        let to = listing.found_from(first, back);
        let button = ui.add_enabled(to.is_some(), Button::new(caption(sign)).small());
        let button = button.accessible_name(format!("{name} of {}", subject.port));
        if button.clicked() {
            go_to = to;
        }
    }
    let count = listing.found.as_ref().map_or_else(|| "…".to_owned(), |found| found.count().to_string());
    ui.label(caption(&format!("{count} found")));
    ui.checkbox(&mut now.only, caption("only")).accessible_name(format!("only these of {}", subject.port));
    go_to
}

fn formats(ui: &mut Ui, subject: &Subject, now: &mut Shown) {
    if matches!(subject.output.dtype(), DType::String | DType::Bool) {
        return;
    }
    let text = match now.format {
        Format::Shortest => "1.5".to_owned(),
        Format::Fixed(digits) => format!("{:.*}", usize::from(digits), 1.5),
        Format::Scientific(_) => "1.5e0".to_owned(),
        Format::Bits => "hex".to_owned(),
    };
    let combo = ComboBox::from_id_salt(("format", &subject.port)).width(54.0).selected_text(caption(&text));
    let response = combo.show_ui(ui, |ui| {
        for format in Format::ALL {
            ui.selectable_value(&mut now.format, format, format.name());
        }
    });
    response.response.accessible_name(names::format(&subject.port)).on_hover_text("How numbers are written");
}

fn copying(ui: &mut Ui, subject: &Subject, shown: &Shown, listing: &Listing) -> Option<Command> {
    let mut asked = None;
    let menu = ui.menu_button(caption("Copy"), |ui| {
        for form in copy::Form::ALL {
            if ui.button(form.name()).clicked() {
                asked = Some(form);
                ui.close();
            }
        }
    });
    menu.response.accessible_name(format!("copy {}", subject.port));
    match copy::text(asked?, subject, shown, listing) {
        Ok(text) => {
            ui.copy_text(text);
            Some(Command::Notice(format!("Copied {} rows of {}.", listing.len(), subject.port)))
        }
        Err(why) => Some(Command::Notice(why)),
    }
}

/// What there is to say of the rows: that a part is none, that they are being found, that these are not all.
fn remarks(ui: &mut Ui, subject: &Subject, now: &mut Shown, listing: &Listing) {
    let tokens = Tokens::of(ui);
    if let Some(why) = &listing.wrong {
        ui.label(caption(&format!("● {why}; all of it is shown")).color(tokens.error));
    }
    let count = subject.output.len();
    let said = match () {
        () if listing.is_soon => "Looking through them …".to_owned(),
        () if listing.is_cut() => format!("The {} that come first, of {count}", listing.len()),
        () if listing.is_whole(subject.output.shape().dims()) && now.order.is_none() => return,
        () => format!("{} of {count}", listing.len()),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(caption(&said).color(tokens.muted));
        if let Some((title, by)) = &now.order {
            let how = match by {
                By::Ascending => format!("· by {title}, the least first"),
                By::Descending => format!("· by {title}, the greatest first"),
                By::Magnitude => format!("· by |{title}|, the largest first"),
            };
            ui.label(caption(&how).color(tokens.muted));
        }
        let all = ui.link(caption("All")).accessible_name(format!("all of {}", subject.port));
        if all.on_hover_text("All rows, in the tensor's order").clicked() {
            *now = Shown { slice: String::new(), order: None, only: false, ..now.clone() };
        }
    });
}

fn caption(text: &str) -> RichText {
    RichText::new(text).size(size::CAPTION)
}
