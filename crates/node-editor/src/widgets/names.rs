//! The names that a screen reader hears, the same in tests and scripts, and nodes for what is painted by hand.

use egui::accesskit::{self, Role};
use egui::{Id, Rect, Sense, Ui, UiBuilder};
use node_core::{PortRef, Wire};

/// The palette's search.
pub const PALETTE: &str = "palette search";
/// Where the inspector begins.
pub const INSPECTOR: &str = "inspector";

/// `canvas`, `canvas 2`.
pub fn canvas(number: u32) -> String {
    if number == 0 { "canvas".to_owned() } else { format!("canvas {}", number + 1) }
}

/// `block grad`.
pub fn block(id: &str) -> String {
    format!("block {id}")
}

/// `port grad.inputs`.
pub fn port(block: &str, port: &str) -> String {
    format!("port {block}.{port}")
}

/// `wire x.output to grad.inputs`.
pub fn wire(wire: &Wire) -> String {
    format!("wire {wire}")
}

/// `frame f1`.
pub fn frame(name: &str) -> String {
    format!("frame {name}")
}

/// `note n1`.
pub fn note(name: &str) -> String {
    format!("note {name}")
}

/// `palette FakeQuantWithMinMaxArgsGradient`.
pub fn in_palette(part: &str, type_name: &str) -> String {
    format!("{part} {type_name}")
}

/// `page fake_quant_gradient`: its tab.
pub fn page(name: &str) -> String {
    format!("page {name}")
}

/// `attribute grad.max`.
pub fn attribute(block: &str, name: &str) -> String {
    format!("attribute {block}.{name}")
}

/// `value range.max`: what is to be read, not edited.
pub fn value(block: &str, name: &str) -> String {
    format!("value {block}.{name}")
}

/// `literal grad.gradients`.
pub fn literal(block: &str, port: &str) -> String {
    format!("literal {block}.{port}")
}

/// `edit grad.value`: the way to a value's editor.
pub fn edit(block: &str, name: &str) -> String {
    format!("edit {block}.{name}")
}

/// `attribute grad.max on the canvas`: a control that stands on the canvas, beside the same in the inspector.
pub fn on_canvas(name: &str) -> String {
    format!("{name} on the canvas")
}

/// `section INPUTS`: what folds a section of the inspector.
pub fn section(title: &str) -> String {
    format!("section {title}")
}

/// `result grad.output`: a table.
pub fn result(port: &PortRef) -> String {
    format!("result {port}")
}

/// `rows of grad.output`: what scrolls a table.
pub fn rows(port: &PortRef) -> String {
    format!("rows of {port}")
}

/// `go to grad.output`: where an index of a table is typed.
pub fn go_to(port: &PortRef) -> String {
    format!("go to {port}")
}

/// `view Table`: the tab of a view.
pub fn view(name: &str) -> String {
    format!("view {name}")
}

/// `slice of grad.output`: where a part of a tensor is typed.
pub fn slice(port: &PortRef) -> String {
    format!("slice of {port}")
}

/// `find in grad.output`: what is looked for in a table.
pub fn find(port: &PortRef) -> String {
    format!("find in {port}")
}

/// `format of grad.output`: how numbers are written.
pub fn format(port: &PortRef) -> String {
    format!("format of {port}")
}

/// `grad.inputs`: a column of the table of `grad.output`, wherever it is shown.
pub fn column(port: &PortRef, title: &str) -> String {
    format!("{}.{title}", port.block)
}

/// `sort grad.output by inputs`: the head of a column.
pub fn head(port: &PortRef, column: &str) -> String {
    format!("sort {port} by {column}")
}

/// `grad.output[2]`: a cell of a result.
pub fn cell(port: &PortRef, position: &[usize]) -> String {
    let position = position.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    format!("{port}[{position}]")
}

/// What is told of something that is painted by hand.
pub struct Told<'a> {
    /// What it is.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Whether it is selected, if it can be.
    pub selected: Option<bool>,
    /// Where it is.
    pub rect: Rect,
    /// A key that no other has.
    pub key: &'a dyn std::fmt::Debug,
}

/// Tells assistive technology of something that is painted by hand. Returns whether it was activated that way.
pub fn tell(ui: &mut Ui, told: Told<'_>) -> bool {
    let id = Id::unique(("told", ui.scope_id(), format!("{:?}", told.key)));
    let visible = told.rect.intersect(ui.clip_rect());
    if visible.width() <= 0.0 || visible.height() <= 0.0 {
        return false;
    }
    ui.interact(told.rect, id, Sense::hover());
    let is_heard = ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(told.role);
        node.set_label(told.name);
        if let Some(value) = &told.value {
            node.set_value(value.as_str());
        }
        if let Some(description) = told.description {
            node.set_description(description);
        }
        if let Some(selected) = told.selected {
            node.set_selected(selected);
            node.add_action(accesskit::Action::Click);
        }
        node.set_bounds(bounds(told.rect));
    });
    if is_heard.is_some()
        && let Some(value) = told.value
    {
        say(ui, id, told.rect, value);
    }
    ui.input(|i| i.has_accesskit_action_request(id, accesskit::Action::Click))
}

/// The value as a text inside the node `id`: not every role's value reaches every screen reader, a text's does.
fn say(ui: &mut Ui, id: Id, rect: Rect, value: String) {
    let inside = UiBuilder::new().max_rect(rect).accessibility_parent(id).accessibility_role(Role::Label);
    let text = ui.new_child(inside.scope_id(id.with("text")));
    ui.ctx().accesskit_node_builder(text.unique_id(), |node| {
        node.set_value(value);
        node.set_bounds(bounds(rect));
    });
}

fn bounds(rect: Rect) -> accesskit::Rect {
    let [x0, y0, x1, y1] = [rect.min.x, rect.min.y, rect.max.x, rect.max.y].map(f64::from);
    accesskit::Rect { x0, y0, x1, y1 }
}
