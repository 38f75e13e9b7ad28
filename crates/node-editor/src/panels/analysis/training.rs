//! Steps: so many, or until they are stopped; and the courses of scalars.

use egui::{Button, Color32, Label, ProgressBar, RichText, ScrollArea, TextEdit, Ui, UiBuilder};
use node_core::PortRef;

use super::shared::head;
use crate::command::{Command, Glance};
use crate::panels::inspector::courses;
use crate::size;
use crate::state::tab::Tab;
use crate::state::training::Training;
use crate::widgets::figures::figure;
use crate::widgets::tokens::Tokens;

/// How wide the controls are.
const FORM: f32 = 320.0;
/// In less room there is no plot.
const LEAST_PLOT: f32 = 120.0;

/// Draws it.
pub fn show(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let found = tab.training.courses();
    let all = found.values.as_slice();
    let drawn = tab.training.drawn.clone().unwrap_or_else(|| last(tab, all));
    let room = ui.available_rect_before_wrap();
    let (left, right) = room.split_left_right_at_x(room.left() + FORM.min(room.width()));
    ui.scope_builder(UiBuilder::new().max_rect(left), |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        form(ui, tab, commands);
        list(ui, &tab.training, all, &drawn, commands);
    });
    let right = right.with_min_x(right.left() + 12.0);
    let chosen: Vec<(&PortRef, &[f64])> =
        all.iter().filter(|(port, _)| drawn.contains(port)).map(|(port, values)| (port, values.as_slice())).collect();
    if right.width() > LEAST_PLOT && chosen.iter().any(|(_, values)| !values.is_empty()) {
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| {
            let names: Vec<String> = chosen.iter().map(|(port, _)| port.to_string()).collect();
            head(ui, &format!("{} over steps", names.join(", ")));
            let height = ui.available_height() - 4.0;
            courses::plot(ui, ("courses", tab.id), (&chosen, found.every), height, "plot of courses");
        });
    }
    ui.advance_cursor_after_rect(room);
}

fn form(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let (tokens, training) = (Tokens::of(ui), &tab.training);
    let mut typed = training.typed.clone();
    ui.horizontal(|ui| match &training.under_way {
        Some(under_way) => {
            if ui.add(Button::new("Stop")).accessible_name("stop the steps").clicked() {
                commands.push(Command::StopTraining);
            }
            let done = under_way.done();
            let (part, text) = match under_way.steps {
                Some(all) => (done as f32 / all.max(1) as f32, format!("{done} of {all}")),
                None => (0.0, format!("{done} steps")),
            };
            ui.add(ProgressBar::new(part).text(text).desired_width(200.0)).accessible_name("training progress");
        }
        None => {
            if ui.add(Button::new("One step")).accessible_name("make one step").clicked() {
                commands.push(Command::Train(Some(1)));
            }
            let text = TextEdit::singleline(&mut typed).hint_text("1000").desired_width(64.0);
            ui.add(text).accessible_name("number of steps");
            let count: Result<u64, _> = if typed.trim().is_empty() { Ok(1000) } else { typed.trim().parse() };
            let count = count.ok().filter(|count| *count > 0);
            let many = ui.add_enabled(count.is_some(), Button::new("Steps")).accessible_name("make the steps");
            if many.on_disabled_hover_text("A whole number, 1 or more").clicked() {
                commands.push(Command::Train(count));
            }
            if ui.add(Button::new("Until Stop")).accessible_name("steps until stopped").clicked() {
                commands.push(Command::Train(None));
            }
        }
    });
    if typed != training.typed {
        commands.push(Command::Look(Glance::Training(typed, training.drawn.clone())));
    }
    let progress = tab.document.progress();
    ui.horizontal(|ui| {
        let is_idle = training.under_way.is_none() && !progress.is_begin();
        if ui.add_enabled(is_idle, Button::new("Reset")).accessible_name("reset the training").clicked() {
            commands.push(Command::ResetTraining);
        }
        let keep = ui.add_enabled(is_idle, Button::new("Keep these values")).accessible_name("keep these values");
        if keep.on_hover_text("Writes them into the page as initial values; undo takes it back").clicked() {
            commands.push(Command::KeepValues);
        }
        let made =
            training.under_way.as_ref().map_or(progress.step, |under_way| under_way.from.step + under_way.done());
        let text = match made {
            0 => "No step made.".to_owned(),
            1 => "1 step made.".to_owned(),
            made => format!("{made} steps made."),
        };
        ui.label(RichText::new(text).color(tokens.muted));
    });
    if let Some(wrong) = &training.wrong {
        ui.add(Label::new(RichText::new(format!("● {wrong}")).color(tokens.error)).wrap());
    } else if progress.is_begin() && training.under_way.is_none() {
        let text =
            "A step runs the page; at its end Assign and Apply blocks change their Variables. The file stays as it is.";
        ui.add(Label::new(RichText::new(text).size(size::CAPTION).color(tokens.muted)).wrap());
    }
}

/// The scalars with their last values; each can be drawn.
fn list(ui: &mut Ui, training: &Training, all: &[(PortRef, Vec<f64>)], drawn: &[PortRef], commands: &mut Vec<Command>) {
    ScrollArea::vertical().id_salt("scalars").auto_shrink([false, false]).show_rows(
        ui,
        size::ROW,
        all.len(),
        |ui, seen| {
            // A box that is off must still be seen.
            ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).muted;
            for (nth, (port, values)) in all.iter().enumerate().skip(seen.start).take(seen.len()) {
                ui.horizontal(|ui| {
                    ui.set_height(size::ROW);
                    let mut is_drawn = drawn.contains(port);
                    let place = drawn.iter().position(|other| other == port);
                    let color = place
                        .map_or(Color32::TRANSPARENT, |_| courses::color(Tokens::of(ui), colored(all, drawn, nth)));
                    ui.label(RichText::new("●").color(color));
                    let text = RichText::new(port.to_string()).size(size::CAPTION);
                    let check = ui.checkbox(&mut is_drawn, text).accessible_name(format!("draw the course of {port}"));
                    if check.changed() {
                        let mut chosen: Vec<PortRef> = drawn.iter().filter(|other| *other != port).cloned().collect();
                        chosen.extend(is_drawn.then(|| port.clone()));
                        commands.push(Command::Look(Glance::Training(training.typed.clone(), Some(chosen))));
                    }
                    let last = values.last().copied().map(figure).unwrap_or_default();
                    ui.label(RichText::new(last).monospace().size(size::CAPTION));
                });
            }
        },
    );
}

/// Which of the drawn courses it is, in their order.
fn colored(all: &[(PortRef, Vec<f64>)], drawn: &[PortRef], nth: usize) -> usize {
    all[..nth].iter().filter(|(port, _)| drawn.contains(port)).count()
}

/// The scalars that no wire leaves, a few of them: losses, as a rule.
fn last(tab: &Tab, all: &[(PortRef, Vec<f64>)]) -> Vec<PortRef> {
    let is_end = |port: &PortRef| {
        let block = tab.document.checked.blocks.get(&port.block);
        block.is_some_and(|block| {
            let is_update = block.role() == Some(node_core::Role::Update);
            !is_update
                && block.links.outgoing.iter().all(|wire| wire.from.port != port.port || leads_to_fetch(tab, wire))
        })
    };
    let ends: Vec<PortRef> = all.iter().map(|(port, _)| port).filter(|port| is_end(port)).take(4).cloned().collect();
    if ends.is_empty() { all.first().map(|(port, _)| port.clone()).into_iter().collect() } else { ends }
}

fn leads_to_fetch(tab: &Tab, wire: &node_core::Wire) -> bool {
    let to = tab.document.checked.blocks.get(&wire.to.block);
    to.is_some_and(|block| block.role() == Some(node_core::Role::Fetch))
}
