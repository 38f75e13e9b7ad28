//! Blocks without inputs: what is fed, and what stands in files.

use node_core::check::CheckedBlock;
use node_core::{Attr, BlockId, Problem};

use super::{Lowering, output_shape, output_type, waits};
use crate::attr;
use crate::proto::attr_value::Value;
use crate::tensor::shape_to_proto;

impl Lowering<'_> {
    /// `Placeholder`, or with a default `PlaceholderWithDefault`.
    pub(super) fn placeholder(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let attrs = &block.setup.as_ref().ok_or_else(|| waits(id))?.attrs;
        let declared = match attrs.get("shape") {
            Some(Attr::Shape(shape)) => shape.clone(),
            _ => node_core::PartialShape::default(),
        };
        let dtype = output_type(block, 0);
        let shape = |shape| attr::value(Value::Shape(shape_to_proto(shape)));
        let edge = match attrs.get("default") {
            Some(Attr::Tensor(default)) => {
                let default = self.constant(id, Some("default"), default)?;
                let attrs = vec![("shape", shape(&declared))];
                self.part(id, (None, "PlaceholderWithDefault"), vec![("input", vec![default])], attrs, dtype)?
            }
            _ => {
                let attrs = vec![("dtype", attr::of_type(dtype)), ("shape", shape(&declared))];
                self.part(id, (None, "Placeholder"), Vec::new(), attrs, dtype)?
            }
        };
        self.gives(id, 0, edge);
        Ok(())
    }

    /// A file is a constant in a graph.
    pub(super) fn file(&mut self, id: &BlockId) -> Result<(), Problem> {
        let tensor = (self.subject.file)(id).map_err(|message| Problem::block(id, message))?;
        let edge = self.constant(id, None, &tensor)?;
        self.gives(id, 0, edge);
        Ok(())
    }

    /// `Variable`: a handle, its first value, and what it is as a step begins.
    pub(super) fn variable(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        // After some steps it is what they have made of it.
        let initial = match &block.fed {
            Some(held) => self.constant(id, Some("initial"), held)?,
            None => self.operands(id, block, 0)?.first().copied().ok_or_else(|| waits(id))?,
        };
        if let Some(other) = self.variable_behind(initial.node).filter(|other| other != id) {
            let message = format!(
                "is made of {other}, another variable; TensorFlow makes all variables at once, so wire what does not \
                 depend on one"
            );
            return Err(Problem::port(id, "initial", message));
        }
        let shape = output_shape(block, 0);
        let (handle, read) = self.held(id, (None, initial.dtype, &shape), initial)?;
        self.handles.insert(id.clone(), (handle, read));
        self.gives(id, 0, read);
        Ok(())
    }
}
