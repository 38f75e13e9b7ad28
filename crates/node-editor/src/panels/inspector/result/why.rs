//! Why an element has its value: a tree that unfolds, down to the sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Id, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use node_core::why::Step;
use node_core::{BlockId, PortRef};
use node_engine::analysis::Stop;
use node_engine::analysis::reach::{Reached, reach};
use node_engine::analysis::why::{Element, Explainer, Of};
use node_engine::needed_blocks;
use node_engine::studies::{Key, Reply};

use crate::command::{Command, Glance};
use crate::panels::inspector::inspecting::Inspecting;
use crate::size;
use crate::state::results::Inquiry;
use crate::widgets::names;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

/// Of sums so many terms are named.
const TERMS: usize = 8;

/// It is asked why an element has its value; asked once more, no more.
pub fn ask(inspecting: &mut Inspecting<'_>, port: &PortRef, flat: usize) {
    let asked = inspecting.tab.view.results.inquiry.as_ref();
    let is_asked = asked.is_some_and(|asked| asked.is(inspecting.number, port, flat));
    let element = (!is_asked).then(|| (inspecting.number, port.clone(), flat));
    inspecting.commands.push(Command::Look(Glance::Why(element)));
}

/// Hears a cell or a row, a click at which asks why the element has its value; outlines it where that is asked.
pub fn hear(ui: &Ui, inspecting: &mut Inspecting<'_>, rect: Rect, port: &PortRef, (flat, position): (usize, &[usize])) {
    let id = Id::unique(("why", ui.scope_id(), port, flat));
    let response = ui.interact(rect, id, Sense::click());
    let response = response.accessible_name(format!("why {}", names::cell(port, position)));
    let tokens = Tokens::of(ui);
    let asked = inspecting.tab.view.results.inquiry.as_ref();
    if asked.is_some_and(|asked| asked.is(inspecting.number, port, flat)) {
        let stroke = Stroke::new(1.5, tokens.accent);
        ui.painter().rect_stroke(rect.shrink(1.0), 3.0, stroke, StrokeKind::Inside);
    } else if response.has_focus() {
        ui.painter().rect_stroke(rect.shrink(1.0), 2.0, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
    } else if response.hovered() {
        ui.painter().rect_stroke(rect.shrink(1.0), 2.0, Stroke::new(1.0, tokens.faint), StrokeKind::Inside);
    }
    if response.clicked() {
        ask(inspecting, port, flat);
    }
}

/// What is told of an element.
struct Explanation {
    name: String,
    value: String,
    because: String,
    steps: Vec<Step>,
    /// The elements that it comes from, with their names and values.
    from: Vec<(Element, String, String)>,
    omitted: usize,
}

/// Draws the explanation that is asked for in this inspector, if it is of this port. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, port: &PortRef) -> f32 {
    let asked = inspecting.tab.view.results.inquiry.clone();
    let Some(asked) = asked.filter(|asked| asked.inspector == inspecting.number && asked.port == *port) else {
        return 0.0;
    };
    let begun = ui.cursor().top();
    let tokens = Tokens::of(ui);
    ui.add_space(6.0);
    let frame = egui::Frame::new().fill(tokens.sunken).corner_radius(size::FIELD_RADIUS).inner_margin(8.0);
    frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let element = element_of(inspecting, &asked);
        ui.horizontal(|ui| {
            ui.label(RichText::new("Why?").family(semibold()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = ui.small_button("×").accessible_name("close why").on_hover_text("Close");
                if close.clicked() {
                    inspecting.commands.push(Command::Look(Glance::Why(None)));
                }
            });
        });
        match element {
            Some(element) => node(ui, inspecting, &element, &[], &asked),
            None => quietly(ui, "There is no such element any more."),
        }
    });
    ui.cursor().top() - begun
}

fn quietly(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).size(size::CAPTION).color(Tokens::of(ui).muted)).wrap());
}

fn element_of(inspecting: &Inspecting<'_>, asked: &Inquiry) -> Option<Element> {
    let block = inspecting.tab.document.checked.blocks.get(&asked.port.block)?;
    let index = block.output_index(&asked.port.port)?;
    let len = inspecting.tab.result(&asked.port.block)?.preview(index)?.ty.shape.elements();
    (asked.flat < len).then(|| Element { block: asked.port.block.clone(), of: Of::Output(index), flat: asked.flat })
}

/// What there is to tell of an element, if it is there by now.
fn told(inspecting: &mut Inspecting<'_>, element: &Element) -> Reply<Arc<Result<Explanation, String>>> {
    let tab = inspecting.tab;
    let question = format!("why {} {} {:?} {element:?}", tab.document.content(), tab.run.generation(), tab.id);
    let block = tab.result(&element.block);
    let inputs = tab.document.checked.blocks.get(&element.block).map(|block| block.inputs.clone());
    let sources = inputs.iter().flat_map(|inputs| inputs.iter().flatten()).filter_map(|source| match source {
        node_core::check::Source::Output { block, index } => tab.result(block)?.preview(*index),
        node_core::check::Source::Literal => None,
    });
    let own =
        block.iter().flat_map(|result| result.previews.iter().flatten()).map(|preview| preview.ty.shape.elements());
    let most = sources.map(|preview| preview.ty.shape.elements()).chain(own).max().unwrap_or(0);
    let ids = needed_blocks(&tab.document.checked, &[PortRef::new(&element.block, "")]);
    // Elements that are not at hand are worked out through all blocks before.
    inspecting.studies.ask(Key::new(question, []), most.saturating_mul(ids.len()), || {
        let checked = tab.document.checked.clone();
        let results: BTreeMap<BlockId, _> =
            ids.into_iter().filter_map(|id| Some((id.clone(), tab.result(&id)?.clone()))).collect();
        let element = element.clone();
        move |_: &Stop| {
            let find = |id: &BlockId| results.get(id);
            let explainer = Explainer::new(&checked, &find);
            let name = explainer.name_of(&element);
            let explained = match explainer.explain(&element, TERMS) {
                Ok(explained) => explained,
                Err(problem) => return Some(Err(problem.to_string())),
            };
            let value_of = |element: &Element| explainer.value_of(element).map(|value| value.to_string());
            let from = explained.from.iter().map(|element| {
                (element.clone(), explainer.name_of(element), value_of(element).unwrap_or_else(|| "…".to_owned()))
            });
            Some(Ok(Explanation {
                name,
                value: explained.value.to_string(),
                from: from.collect(),
                because: explained.reason.because,
                steps: explained.reason.steps,
                omitted: explained.reason.omitted,
            }))
        }
    })
}

/// An element with what it comes from; `path` is the way to it from the one that was asked for.
fn node(ui: &mut Ui, inspecting: &mut Inspecting<'_>, element: &Element, path: &[usize], asked: &Inquiry) {
    let told = match told(inspecting, element) {
        Reply::Answer(told) => told,
        Reply::Soon => return quietly(ui, "Working it out …"),
        Reply::Nothing => return quietly(ui, "It cannot be told."),
    };
    let told = match &*told {
        Ok(told) => told,
        // What is needed for it is on its way.
        Err(_) if inspecting.tab.run.is_running() => return quietly(ui, "Working it out …"),
        Err(why) => return quietly(ui, why),
    };
    let tokens = Tokens::of(ui);
    if path.is_empty() {
        let text = RichText::new(format!("{} = {}", told.name, told.value)).monospace().color(tokens.text);
        ui.add(Label::new(text).wrap().selectable(true));
    }
    let text = RichText::new(format!("= {}", told.because)).monospace().size(size::CAPTION).color(tokens.text);
    ui.add(Label::new(text).wrap().selectable(true));
    if !told.steps.is_empty() {
        let name = format!("steps of {}", told.name);
        unfolding(ui, &name, "Step by step", false, (asked, path, "steps"), |ui| steps(ui, &told.steps));
    }
    for (nth, (from, name, value)) in told.from.iter().enumerate() {
        let path: Vec<usize> = path.iter().copied().chain([nth]).collect();
        let is_open = unfolding_head(ui, inspecting, (from, name, value), (asked, &path));
        if is_open {
            ui.indent(("from", &path), |ui| node(ui, inspecting, from, &path, asked));
        }
    }
    if told.omitted > 0 {
        quietly(ui, &format!("… and {} elements more", told.omitted));
    }
    if path.is_empty() {
        let (element, name) = (element.clone(), format!("what {} reaches", told.name));
        unfolding(ui, &name, "What it reaches", false, (asked, path, "reaches"), |ui| {
            reaches(ui, inspecting, &element);
        });
    }
}

/// An output that is reached: in words, and the elements that are named.
struct Onward {
    text: String,
    elements: Vec<(Element, String)>,
}

/// What is computed from an element, block by block.
fn reaches(ui: &mut Ui, inspecting: &mut Inspecting<'_>, element: &Element) {
    let tab = inspecting.tab;
    let question = format!("reach {} {} {:?} {element:?}", tab.document.content(), tab.run.generation(), tab.id);
    let shapes = tab.run.results.values().flat_map(|result| result.previews.iter().flatten());
    let elements = shapes.map(|preview| preview.ty.shape.elements()).sum::<usize>();
    let reply = inspecting.studies.ask(Key::new(question, []), elements.saturating_mul(8), || {
        let (checked, results, element) = (tab.document.checked.clone(), tab.run.results.clone(), element.clone());
        move |stop: &Stop| {
            let find = |id: &BlockId| results.get(id);
            let explainer = Explainer::new(&checked, &find);
            let found = reach(&explainer, &element, stop)?;
            Some(found.iter().map(|found| onward(&explainer, found)).collect::<Vec<Onward>>())
        }
    });
    let found = match reply {
        Reply::Answer(found) => found,
        Reply::Soon => return quietly(ui, "Working it out …"),
        Reply::Nothing => return quietly(ui, "It cannot be told."),
    };
    if found.is_empty() {
        quietly(ui, "Nothing: no block behind takes it, or none is there.");
    }
    for onward in found.iter() {
        quietly(ui, &onward.text);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            for (element, name) in &onward.elements {
                let link = ui.link(RichText::new(name).monospace().size(size::CAPTION));
                if link.accessible_name(format!("go on to {name}")).clicked() {
                    follow(inspecting, element);
                }
            }
        });
    }
}

fn onward(explainer: &Explainer<'_>, found: &Reached) -> Onward {
    let Reached { port, count, of, first, exact } = found;
    let text = match exact {
        false => format!("{port}: any of its {of} elements may be computed from it"),
        true if count == of => format!("{port}: all of it ({of})"),
        true => format!("{port}: {count} of {of}"),
    };
    let index = explainer.output_of(port).unwrap_or(0);
    let element = |flat: &usize| {
        let element = Element { block: port.block.clone(), of: Of::Output(index), flat: *flat };
        let name = explainer.name_of(&element);
        (element, name)
    };
    Onward { text, elements: if *exact { first.iter().map(element).collect() } else { Vec::new() } }
}

fn steps(ui: &mut Ui, steps: &[Step]) {
    let tokens = Tokens::of(ui);
    for step in steps {
        let mut text = format!("{} = {}", step.name, step.formula);
        if step.numbers != step.formula {
            text.push_str(&format!("\n  = {}", step.numbers));
        }
        if step.value != step.numbers {
            text.push_str(&format!("\n  = {}", step.value));
        }
        let line = RichText::new(text).monospace().size(size::CAPTION).color(tokens.text);
        ui.add(Label::new(line).wrap().selectable(true));
        if let Some(note) = &step.note {
            quietly(ui, &format!("    {note}"));
        }
    }
}

/// Whether something of an explanation is unfolded; what it is stands for it.
fn unfolded_id(what: impl std::hash::Hash + std::fmt::Debug) -> Id {
    Id::unique(("why is unfolded", what))
}

/// A triangle that unfolds what follows. Returns whether it is unfolded.
fn triangle(ui: &mut Ui, id: Id, name: String, by_itself: bool) -> bool {
    let mut is_open = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(by_itself);
    let (rect, response) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::DisclosureTriangle, true, &name));
    if response.clicked() {
        is_open = !is_open;
        ui.data_mut(|data| data.insert_temp(id, is_open));
    }
    ui.accesskit_node_builder(response.id, |node| node.set_expanded(is_open));
    let tokens = Tokens::of(ui);
    let color = if response.hovered() || response.has_focus() { tokens.accent } else { tokens.muted };
    let c = pos2(rect.left() + 5.0, rect.center().y);
    let points = if is_open {
        [c + vec2(-4.0, -2.0), c + vec2(4.0, -2.0), c + vec2(0.0, 3.0)]
    } else {
        [c + vec2(-2.0, -4.0), c + vec2(3.0, 0.0), c + vec2(-2.0, 4.0)]
    };
    ui.painter().add(egui::Shape::convex_polygon(points.to_vec(), color, Stroke::NONE));
    is_open
}

fn unfolding(
    ui: &mut Ui,
    name: &str,
    title: &str,
    by_itself: bool,
    (asked, path, what): (&Inquiry, &[usize], &str),
    content: impl FnOnce(&mut Ui),
) {
    let id = unfolded_id((&asked.port, asked.flat, path, what));
    let is_open = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let is_open = triangle(ui, id, name.to_owned(), by_itself);
            ui.label(RichText::new(title).size(size::CAPTION).color(Tokens::of(ui).muted));
            is_open
        })
        .inner;
    if is_open {
        ui.indent(("inside", id), content);
    }
}

/// The line of an element that another comes from: a triangle, the way to it, its value. Whether it is unfolded.
fn unfolding_head(
    ui: &mut Ui,
    inspecting: &mut Inspecting<'_>,
    (element, name, value): (&Element, &str, &str),
    (asked, path): (&Inquiry, &[usize]),
) -> bool {
    let id = unfolded_id((&asked.port, asked.flat, path, "from"));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let is_open = triangle(ui, id, format!("unfold {name}"), false);
        let text = RichText::new(name).monospace().size(size::CAPTION);
        let link = ui.link(text).accessible_name(format!("go to {name}"));
        if link.on_hover_text("Show it, and why it has its value").clicked() {
            follow(inspecting, element);
        }
        let value = RichText::new(format!(" = {value}")).monospace().size(size::CAPTION).color(Tokens::of(ui).text);
        ui.add(Label::new(value).truncate());
        is_open
    })
    .inner
}

/// Shows the block of an element, and why that has its value.
fn follow(inspecting: &mut Inspecting<'_>, element: &Element) {
    let commands = &mut *inspecting.commands;
    commands.push(Command::Reveal(element.block.clone()));
    let Of::Output(index) = element.of else { return };
    let checked = &inspecting.tab.document.checked;
    let setup = checked.blocks.get(&element.block).and_then(|block| block.setup.as_ref());
    if let Some(setup) = setup {
        let port = PortRef::new(&element.block, setup.output_name(index));
        commands.push(Command::Look(Glance::Why(Some((inspecting.number, port, element.flat)))));
    }
}
