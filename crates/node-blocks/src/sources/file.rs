//! `File`: a tensor in a file.

use std::sync::Arc;

use node_core::type_rule::Any;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, InferCx, Out, Reason, Role, RunCx, Tensor, TensorType, WhyCx, register_block,
};

const PATH: AttrKey<Arc<str>> =
    AttrKey::text("path", "", "Where the file is, beginning at the page's folder: `activations.npy`.").required();
const PART: AttrKey<Arc<str>> =
    AttrKey::text("part", "", "Which array of a file that holds several; empty where it holds one.");
const OUTPUT: Out<Any> = Out::new("output", "What the file holds.");

register_block!(
    BlockSpec::new(
        "File",
        "Sources",
        "A tensor in a file.",
        "Reads `.npy`, `.npz`, `.safetensors`, CSV (as float32; a line of names at the top is left out), PNG and JPEG \
           (as uint8 [height, width, channels]; PNG of 16 bits as uint16). Data type and shape are known before any run; \
           of long CSV files the number of lines is `?` until then. A CSV file of one column is a vector.\n\n\
           Where `path` begins is the folder in which the page is saved. A page reads nothing outside that folder unless \
           whoever opens it allows it: in the window when asked, on the command line with `--allow-files DIR`. When the \
           file changes, the block runs again.",
    )
    .role(Role::File)
    .attrs([PATH.spec(), PART.spec()])
    .ports([OUTPUT.port()])
    .code(File)
);

struct File;

impl Block for File {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let described = cx.files().describe(&cx.attr(PATH)?, &cx.attr(PART)?);
        Ok(vec![described.map_err(|message| vec![Fault::attrs(message)])?.ty])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let part = cx.find_attr(PART).filter(|part| !part.is_empty());
        let part = part.map_or_else(String::new, |part| format!(", {part}"));
        Ok(Reason::of_itself(format!("as the file says: {}{part}", cx.attr(PATH)?)))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let opened = cx.open(&cx.attr(PATH)?, &cx.attr(PART)?);
        Ok(vec![opened.map_err(|message| vec![Fault::attrs(message)])?])
    }
}
