//! Formulas with numbers in them, as explanations have them, worked out in float32 one operation after the other.

/// What a formula comes to; `None` if it is none.
pub fn worked_out(text: &str) -> Option<f32> {
    let mut parser = Parser { rest: text.trim() };
    let value = parser.sum()?;
    parser.rest.trim().is_empty().then_some(value)
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Option<f32> {
        let mut value = self.product()?;
        loop {
            if self.takes("+ ") {
                value += self.product()?;
            } else if self.takes("- ") {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f32> {
        let mut value = self.factor()?;
        loop {
            if self.takes("×") {
                value *= self.factor()?;
            } else if self.takes("/") {
                value /= self.factor()?;
            } else if self.takes("^") {
                value = value.powf(self.factor()?);
            } else {
                return Some(value);
            }
        }
    }

    fn factor(&mut self) -> Option<f32> {
        if self.takes("(") {
            let value = self.sum()?;
            return self.takes(")").then_some(value);
        }
        for (name, one) in [("floor(", f32::floor as fn(f32) -> f32), ("round(", f32::round)] {
            if self.takes(name) {
                let value = self.sum()?;
                return self.takes(")").then_some(one(value));
            }
        }
        // As TensorFlow compares: what is NaN stays.
        let min = |a: f32, b: f32| if b < a { b } else { a };
        let max = |a: f32, b: f32| if a < b { b } else { a };
        for (name, two) in [("min(", min as fn(f32, f32) -> f32), ("max(", max)] {
            if self.takes(name) {
                let a = self.sum()?;
                let b = self.takes(",").then(|| self.sum())??;
                return self.takes(")").then_some(two(a, b));
            }
        }
        let rest = self.rest.trim_start();
        let end = rest.char_indices().find(|(at, c)| {
            let is_sign = *c == '-' && (*at == 0 || rest[..*at].ends_with('e'));
            !(c.is_ascii_alphanumeric() || *c == '.' || is_sign)
        });
        let (number, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        self.rest = after;
        number.parse().ok()
    }
}
