//! Fake quantization, as quantization-aware training does it.

use node_core::gradient::Step;
use node_core::register_gradient;

register_gradient!(
    "FakeQuantWithMinMaxArgs" => By(|s| {
        let (dy, x) = (s.dy(0)?, s.x("inputs")?);
        let dx = s.putting("FakeQuantWithMinMaxArgsGradient")?.inputs([dy, x]).same_attrs().end()?.output(0);
        s.give("inputs", dx)
    }),
    "FakeQuantWithMinMaxVars" => By(|s| with_ends(s, "FakeQuantWithMinMaxVarsGradient", ["inputs", "min", "max"])),
    "FakeQuantWithMinMaxVarsPerChannel" => By(|s| {
        with_ends(s, "FakeQuantWithMinMaxVarsPerChannelGradient", ["inputs", "min", "max"])
    }),
    "QuantizeAndDequantizeV2" => By(straight),
    "QuantizeAndDequantizeV3" => By(straight),
    "QuantizeAndDequantizeV4" => By(|s| {
        with_ends(s, "QuantizeAndDequantizeV4Grad", ["input", "input_min", "input_max"])
    }),
);

fn with_ends(s: &mut Step<'_, '_>, type_name: &'static str, ports: [&str; 3]) -> Result<(), String> {
    let dy = s.dy(0)?;
    let [x, min, max] = [s.x(ports[0])?, s.x(ports[1])?, s.x(ports[2])?];
    let made = s.putting(type_name)?.inputs([dy, x, min, max]).same_attrs().end()?;
    (0..3).try_for_each(|nth| s.give(ports[nth], made.output(nth)))
}

/// The gradient passes as if nothing had been rounded or cut off.
fn straight(s: &mut Step<'_, '_>) -> Result<(), String> {
    let dy = s.dy(0)?;
    s.give("input", dy)
}
