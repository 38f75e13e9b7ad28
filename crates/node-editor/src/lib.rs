//! The egui widgets: canvas, palette, inspector, dialogs.
