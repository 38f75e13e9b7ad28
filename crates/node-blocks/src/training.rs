//! State: variables, what changes them at the end of a step, and the number of the step.

mod apply_adam;
mod apply_gradient_descent;
mod apply_momentum;
mod assign;
mod assign_add;
mod assign_sub;
mod step;
mod updating;
mod variable;
