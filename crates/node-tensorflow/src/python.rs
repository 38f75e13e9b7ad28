//! A page as a Python program that computes the same with `tf.raw_ops`.

mod names;
mod values;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use node_core::{PortRef, Problem};

use crate::graph::{Edge, Graph, Node, NodeIndex};
use crate::lower::Lowered;
use crate::lower::state::is_random;
use crate::proto::AttrValue;
use crate::proto::attr_value::Value;
use crate::tensor::from_proto;
use names::Names;

/// What a program does with what it is fed.
const FED: &str = r#"

def fed(name, value, dtype, shape):
    tensor = value if hasattr(value, "dtype") else tf.constant(value, dtype)
    if tensor.dtype != dtype or not tf.TensorShape(shape).is_compatible_with(tensor.shape):
        raise ValueError(f"{name} is {tensor.dtype} {list(tensor.shape)}, not {dtype.name} {shape}")
    return tf.convert_to_tensor(tensor)
"#;

/// Lines are broken where they would be longer.
const WIDTH: usize = 110;

/// A program that prints what `fetched` gives; `scope` is the page's name.
pub fn write(lowered: &Lowered, scope: &str, fetched: &[(PortRef, Edge)]) -> Result<String, Vec<Problem>> {
    // What is done before the first step: what makes variables, and what that needs.
    let once = lowered.graph.behind(lowered.init, true);
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

/// Before the first step nothing is fed.
fn refuse_what_cannot_be(lowered: &Lowered, once: &HashSet<NodeIndex>) -> Result<(), Vec<Problem>> {
    let fed = nodes(lowered).filter(|(index, node)| once.contains(index) && is_fed(node));
    let message = "gives a Variable its first value, and a Python program is fed later; give it by a constant";
    let mut problems: Vec<Problem> =
        fed.filter_map(|(_, node)| Some(Problem::block(node.block.as_ref()?, message))).collect();
    let unsaid = nodes(lowered).filter_map(|(_, node)| Some((node, why_not_said(node)?)));
    problems.extend(unsaid.map(|(node, why)| match &node.block {
        Some(block) => Problem::block(block, why),
        None => Problem::page(format!("{}: {why}", node.name)),
    }));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Operations of loops and conditions as graphs had them before functions; TensorFlow carries them out in graphs alone.
const IN_GRAPHS: [&str; 7] = ["Enter", "Exit", "NextIteration", "Merge", "Switch", "LoopCond", "ControlTrigger"];

/// Why a program of operations cannot have a node.
fn why_not_said(node: &Node) -> Option<String> {
    let name = &node.op.name;
    if IN_GRAPHS.contains(&name.as_str()) || name.starts_with("Ref") {
        return Some(format!("is the operation {name}, which TensorFlow has in graphs alone; export .pb instead"));
    }
    if matches!(node.op, Cow::Owned(_)) {
        return Some(format!("is the operation {name}, which tf.raw_ops does not have; export .pb instead"));
    }
    let is_function = |value: &Value| match value {
        Value::Func(_) => true,
        Value::List(list) => !list.func.is_empty(),
        _ => false,
    };
    if node.attrs.values().filter_map(|attr| attr.value.as_ref()).any(is_function) {
        return Some("calls functions, which a program of operations does not have; export .pb instead".to_owned());
    }
    let tensors = node.attrs.values().filter_map(|attr| match attr.value.as_ref()? {
        Value::Tensor(proto) => Some(proto),
        _ => None,
    });
    let unsaid = tensors.filter_map(|proto| from_proto(proto).err()).next();
    unsaid.map(|why| format!("has {why}, which a program cannot say; export .pb instead"))
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
        let file = "THIS.py".to_owned();
        let mut uses = vec![(file.clone(), "prints what the page fetches".to_owned())];
        for index in placeholders {
            let name = self.fed_name(*index);
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
        if !placeholders.is_empty() {
            text.push_str(FED);
        }
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
        let has_steps = self.lowered.init.is_some();
        text.push_str(
            "\n\ndef main():\n    given = dict(argument.partition(\"=\")[::2] for argument in sys.argv[1:])\n",
        );
        if has_steps {
            text.push_str("    steps = int(given.pop(\"steps\", 1))\n");
        }
        text.push_str("    feeds = {}\n");
        for index in placeholders {
            let (id, name) = (values::text(&self.fed_name(*index)), self.names.of_node(*index));
            let _ = writeln!(text, "    if {id} in given:\n        feeds[\"{name}\"] = np.load(given.pop({id}))");
            if self.graph().nodes[*index].inputs.is_empty() {
                let why =
                    values::text(&format!("{} is not fed: {}=FILE.npy", self.fed_name(*index), self.fed_name(*index)));
                let _ = writeln!(text, "    else:\n        sys.exit({why})");
            }
        }
        text.push_str(
            "    if given:\n        sys.exit(f\"there is nothing to be given that is called {', '.join(given)}\")\n",
        );
        if has_steps {
            text.push_str("    if steps < 1:\n        sys.exit(\"steps is less than 1\")\n");
            text.push_str("    for _ in range(steps):\n        fetched = page(**feeds)\n");
        } else {
            text.push_str("    fetched = page(**feeds)\n");
        }
        text.push_str("    for port, tensor in fetched.items():\n        print(port, tensor.numpy(), sep=\": \")\n");
        text.push_str("\n\nif __name__ == \"__main__\":\n    main()\n");
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
                let _ = writeln!(text, "{indent}{name} = {}", self.given(index));
            }
            "PlaceholderWithDefault" => {
                let default = node.inputs.iter().flatten().map(|edge| self.operand(edge)).next().unwrap_or_default();
                let _ = writeln!(text, "{indent}{name} = {default} if {name} is None else {}", self.given(index));
            }
            _ => self.call(text, node, name, indent),
        }
    }

    /// What is fed to a Placeholder, of its data type and shape or refused.
    fn given(&self, index: NodeIndex) -> String {
        let node = &self.graph().nodes[index];
        let dtype = values::dtype_of(node.attrs.get("dtype"));
        let shape = node.attrs.get("shape").map_or("None".to_owned(), |shape| values::attr(shape, "shape"));
        let name = self.names.of_node(index);
        format!("fed({}, {name}, {dtype}, {shape})", values::text(&self.fed_name(index)))
    }

    /// What a Placeholder is called where it is fed: by its block.
    fn fed_name(&self, index: NodeIndex) -> String {
        let block = self.graph().nodes[index].block.as_ref();
        block.map_or_else(|| self.names.of_node(index).to_owned(), ToString::to_string)
    }

    /// A call of an operation.
    fn call(&self, text: &mut String, node: &Node, name: &str, indent: &str) {
        let op = &node.op;
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
