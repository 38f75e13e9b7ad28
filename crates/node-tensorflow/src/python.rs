//! A page as a Python program that computes the same with `tf.raw_ops`.

mod names;
mod values;

use std::collections::HashSet;
use std::fmt::Write as _;

use node_core::{PortRef, Problem};

use crate::graph::{Edge, Graph, Node, NodeIndex};
use crate::lower::Lowered;
use crate::proto::AttrValue;
use crate::proto::attr_value::Value;
use names::Names;

/// Lines are broken where they would be longer.
const WIDTH: usize = 110;

/// A program that prints what `fetched` gives; `scope` is the page's name.
pub fn write(lowered: &Lowered, scope: &str, fetched: &[(PortRef, Edge)]) -> Result<String, Vec<Problem>> {
    let once = once(lowered);
    let placeholders: Vec<NodeIndex> = nodes(lowered).filter(|(_, node)| is_fed(node)).map(|(at, _)| at).collect();
    refuse_what_cannot_be(lowered, &once)?;
    let names = Names::of(&lowered.graph, scope);
    let program = Program { lowered, names: &names, once: &once };
    let mut text = String::new();
    for index in (0..lowered.graph.nodes.len()).filter(|index| once.contains(index)) {
        program.node(&mut text, index, "");
    }
    program.function(&mut text, fetched, &placeholders);
    program.main(&mut text, &placeholders);
    Ok(program.head(scope, &placeholders, &text) + &text)
}

fn nodes(lowered: &Lowered) -> impl Iterator<Item = (NodeIndex, &Node)> {
    lowered.graph.nodes.iter().enumerate()
}

/// Whether a node is what is fed.
fn is_fed(node: &Node) -> bool {
    matches!(node.op.name.as_str(), "Placeholder" | "PlaceholderWithDefault")
}

/// Whether a node draws random numbers.
fn is_random(node: &Node) -> bool {
    node.attrs.contains_key("seed2")
}

/// What is done before the first step: what makes variables, and what that needs.
fn once(lowered: &Lowered) -> HashSet<NodeIndex> {
    let mut open: Vec<NodeIndex> = lowered.init.into_iter().collect();
    let mut once = HashSet::new();
    while let Some(index) = open.pop() {
        if once.insert(index) {
            let node = &lowered.graph.nodes[index];
            open.extend(node.inputs.iter().flatten().map(|edge| edge.node).chain(node.control.iter().copied()));
        }
    }
    once
}

/// Before the first step nothing is fed; and a random number drawn there is not drawn again in each step.
fn refuse_what_cannot_be(lowered: &Lowered, once: &HashSet<NodeIndex>) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |node: &Node, message: &str| {
        problems.extend(node.block.as_ref().map(|block| Problem::block(block, message)));
    };
    for (index, node) in nodes(lowered).filter(|(index, _)| once.contains(index)) {
        if is_fed(node) {
            wrong(node, "gives a Variable its first value, and a Python program is fed later; give it by a constant");
        }
        let reads = |other: &Node| other.inputs.iter().flatten().any(|edge| edge.node == index);
        let in_steps = nodes(lowered).any(|(at, other)| !once.contains(&at) && reads(other));
        if is_random(node) && in_steps {
            wrong(node, "gives a Variable its first value and is used in steps too; use two blocks");
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

struct Program<'a> {
    lowered: &'a Lowered,
    names: &'a Names,
    once: &'a HashSet<NodeIndex>,
}

impl Program<'_> {
    fn graph(&self) -> &Graph {
        &self.lowered.graph
    }

    fn head(&self, scope: &str, placeholders: &[NodeIndex], body: &str) -> String {
        let mut text =
            format!("\"\"\"The page {} as TensorFlow's operations; written by Nudge.\n\n", values::plain(scope));
        let file = format!("{}.py", values::plain(scope));
        let mut uses = vec![(file.clone(), "prints what the page fetches".to_owned())];
        for index in placeholders {
            let name = self.names.of_node(*index);
            uses.push((format!("{file} {name}=x.npy"), format!("feeds {name} with an array of NumPy's")));
        }
        if self.lowered.init.is_some() {
            uses.push((format!("{file} steps=100"), "makes so many steps, and prints the last".to_owned()));
        }
        let width = uses.iter().map(|(how, _)| how.chars().count()).max().unwrap_or(0);
        for (how, what) in uses {
            let _ = writeln!(text, "    python {how:width$}    {what}");
        }
        text.push_str("\"\"\"\n\n");
        for (module, used) in [("base64", "base64."), ("sys", "sys.")] {
            if body.contains(used) {
                let _ = writeln!(text, "import {module}");
            }
        }
        if body.contains("np.") {
            text.push_str("\nimport numpy as np\n");
        }
        text.push_str("import tensorflow as tf\n");
        if !self.once.is_empty() {
            text.push('\n');
        }
        text
    }

    /// One step as a function of what is fed.
    fn function(&self, text: &mut String, fetched: &[(PortRef, Edge)], placeholders: &[NodeIndex]) {
        if self.is_random() {
            text.push_str(
                "\n\n# As one graph, in which each random operation has a generator of its own; and as it stands, so that the\n\
                 # bits are those of the operations.\n\
                 tf.config.optimizer.set_experimental_options({\"disable_meta_optimizer\": True})\n\n\n@tf.function\n",
            );
        } else {
            text.push_str("\n\n");
        }
        let parameter = |index: &NodeIndex| {
            let has_default = !self.graph().nodes[*index].inputs.is_empty();
            (!has_default, format!("{}{}", self.names.of_node(*index), if has_default { "=None" } else { "" }))
        };
        let mut parameters: Vec<_> = placeholders.iter().map(parameter).collect();
        parameters.sort_by_key(|(required, _)| !required);
        let parameters: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
        let _ = writeln!(text, "def page({}):", parameters.join(", "));
        text.push_str("    \"\"\"One step of the page: what it fetches, by port.\"\"\"\n");
        for index in (0..self.graph().nodes.len()).filter(|index| !self.once.contains(index)) {
            self.node(text, index, "    ");
        }
        text.push_str("    return {\n");
        for (port, edge) in fetched {
            let _ = writeln!(text, "        {}: {},", values::text(&port.to_string()), self.operand(edge));
        }
        text.push_str("    }\n");
    }

    fn main(&self, text: &mut String, placeholders: &[NodeIndex]) {
        text.push_str("\n\nif __name__ == \"__main__\":\n");
        let has_steps = self.lowered.init.is_some();
        if has_steps || !placeholders.is_empty() {
            text.push_str("    given = dict(argument.split(\"=\", 1) for argument in sys.argv[1:])\n");
        }
        if has_steps {
            text.push_str("    steps = int(given.pop(\"steps\", 1))\n");
        }
        let feeds = match placeholders.is_empty() {
            true => "",
            false => {
                text.push_str("    feeds = {name: np.load(file) for name, file in given.items()}\n");
                "**feeds"
            }
        };
        if has_steps {
            let _ = write!(text, "    for _ in range(steps):\n        fetched = page({feeds})\n");
        } else {
            let _ = writeln!(text, "    fetched = page({feeds})");
        }
        text.push_str("    for port, tensor in fetched.items():\n        print(port, tensor.numpy(), sep=\": \")\n");
    }

    /// Whether a random operation is part of a step.
    fn is_random(&self) -> bool {
        nodes(self.lowered).any(|(index, node)| !self.once.contains(&index) && is_random(node))
    }

    /// The line that carries a node out.
    fn node(&self, text: &mut String, index: NodeIndex, indent: &str) {
        let node = &self.graph().nodes[index];
        let name = self.names.of_node(index);
        match node.op.name.as_str() {
            "NoOp" => {}
            "Const" => {
                if let Some(Value::Tensor(tensor)) = node.attrs.get("value").and_then(|attr| attr.value.as_ref()) {
                    let _ = writeln!(text, "{indent}{name} = {}", values::tensor(tensor));
                }
            }
            "Placeholder" => {
                let dtype = values::dtype_of(node.attrs.get("dtype"));
                let _ = writeln!(text, "{indent}{name} = tf.convert_to_tensor({name}, {dtype})");
            }
            "PlaceholderWithDefault" => {
                let dtype = values::dtype_of(node.attrs.get("dtype"));
                let default = node.inputs.iter().flatten().map(|edge| self.operand(edge)).next().unwrap_or_default();
                let given = format!("tf.convert_to_tensor({name}, {dtype})");
                let _ = writeln!(text, "{indent}{name} = {default} if {name} is None else {given}");
            }
            _ => self.call(text, node, name, indent),
        }
    }

    /// A call of an operation.
    fn call(&self, text: &mut String, node: &Node, name: &str, indent: &str) {
        let op = node.op;
        let mut arguments = Vec::new();
        for (arg, edges) in op.input_arg.iter().zip(&node.inputs) {
            let operands: Vec<String> = edges.iter().map(|edge| self.operand(edge)).collect();
            let is_list = !arg.number_attr.is_empty() || !arg.type_list_attr.is_empty();
            let operand = if is_list { format!("[{}]", operands.join(", ")) } else { operands.concat() };
            arguments.push(format!("{}={operand}", names::argument(&op.name, &arg.name)));
        }
        let follows = |name: &str| {
            op.input_arg
                .iter()
                .any(|arg| [&arg.type_attr, &arg.number_attr, &arg.type_list_attr].contains(&&name.to_owned()))
        };
        for attr in op.attr.iter().filter(|attr| !follows(&attr.name)) {
            let value: Option<&AttrValue> = node.attrs.get(&attr.name);
            let value = value.map(|value| values::attr(value, &attr.r#type));
            arguments.extend(value.map(|value| format!("{}={value}", names::argument(&op.name, &attr.name))));
        }
        let target = if op.output_arg.is_empty() { String::new() } else { format!("{name} = ") };
        let line = format!("{indent}{target}tf.raw_ops.{}({})", op.name, arguments.join(", "));
        if line.len() <= WIDTH || arguments.len() < 2 {
            let _ = writeln!(text, "{line}");
            return;
        }
        let _ = writeln!(text, "{indent}{target}tf.raw_ops.{}(", op.name);
        for argument in arguments {
            let _ = writeln!(text, "{indent}    {argument},");
        }
        let _ = writeln!(text, "{indent})");
    }

    /// An output of a node, as Python names it: of one output the node itself, of several a part of what it gives.
    fn operand(&self, edge: &Edge) -> String {
        let node = &self.graph().nodes[edge.node];
        let name = self.names.of_node(edge.node);
        let args = &node.op.output_arg;
        for (nth, arg) in args.iter().enumerate().rev() {
            let first = node.first_output(nth);
            if edge.output >= first {
                let is_list = !arg.number_attr.is_empty() || !arg.type_list_attr.is_empty();
                let part = if args.len() > 1 { format!("[{nth}]") } else { String::new() };
                let item = if is_list { format!("[{}]", edge.output - first) } else { String::new() };
                return format!("{name}{part}{item}");
            }
        }
        name.to_owned()
    }
}
