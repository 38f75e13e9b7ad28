//! Where pages run, and where a cluster computes blocks.

use std::sync::Arc;

use node_core::Edit;
use node_engine::analysis::Stop;

use super::data::waking;
use super::work::Work;
use crate::state::State;
use crate::state::dialog::place::said_by;
use crate::state::dialog::{Answer, DeviceDialog, Dialog, PlaceDialog};

impl Work<'_> {
    /// Asks where the page is to run.
    pub(crate) fn ask_where_to_run(&mut self) {
        self.state.dialog = Some(Dialog::Place(PlaceDialog::new(self.tab())));
    }

    /// The page runs there from now on; or the cluster is asked for its devices, and the dialog stays.
    pub(crate) fn place(&mut self, dialog: PlaceDialog, answer: Answer) {
        let target = dialog.target.trim().to_owned();
        if dialog.on_cluster && answer == Answer::Reload {
            self.list_devices(target);
            self.state.dialog = Some(Dialog::Place(dialog));
            return;
        }
        if dialog.on_cluster
            && let Err(why) = self.state.host.check_target(&target)
        {
            self.state.clusters.refuse(target, why);
            self.state.dialog = Some(Dialog::Place(dialog));
            return;
        }
        let target = dialog.on_cluster.then(|| Arc::from(target));
        if self.tab().target != target {
            let tab = self.tab_mut();
            (tab.target, tab.submitted, tab.sent) = (target, None, None);
            self.state.run_now(self.ctx, self.index);
        }
    }

    fn list_devices(&mut self, target: String) {
        let wake = waking(self.ctx);
        match self.state.host.devices(&target, &wake) {
            Ok(devices) => self.state.clusters.ask(target, devices),
            Err(why) => self.state.clusters.refuse(target, why),
        }
    }

    /// Compares the page here and on its cluster; without one it is asked for.
    pub(crate) fn check_against(&mut self) {
        let tab = self.tab();
        let said = || said_by(&tab.document.checked);
        let Some(target) = tab.target.as_deref().map(str::to_owned).or_else(said) else {
            self.say("Choose the cluster that it is to be checked against, then check again.");
            return self.ask_where_to_run();
        };
        let title = format!("{} here and on {target}", tab.document.name());
        let (page, wake, stop) = (self.reported(), waking(self.ctx), Stop::default());
        match self.state.host.check_against(page, &target, (&wake, &stop)) {
            Ok(told) => self.state.clusters.compare(title, told, stop),
            Err(why) => self.state.dialog = Some(Dialog::Message { title, lines: vec![why] }),
        }
    }

    /// Asks where a cluster is to compute the selected blocks.
    pub(crate) fn ask_for_device(&mut self) {
        let tab = self.tab();
        let blocks = (*tab.view.selection).clone();
        let own = |id| tab.document.page.block(id)?.device.clone();
        let device = blocks.iter().find_map(|id| own(id.as_str())).map(|device| device.to_string()).unwrap_or_default();
        let (tab, target) = (tab.id, tab.target.clone());
        if let Some(target) = target.filter(|target| self.state.clusters.of(target).is_none()) {
            self.list_devices(target.to_string());
        }
        self.state.dialog = Some(Dialog::Device(DeviceDialog { tab, blocks, device, wrong: None }));
    }

    /// A cluster computes these blocks there.
    pub(crate) fn set_device(&mut self, dialog: DeviceDialog) {
        let device = dialog.device.trim();
        if !device.is_empty()
            && let Err(why) = self.state.host.check_device(device)
        {
            self.state.dialog = Some(Dialog::Device(DeviceDialog { wrong: Some(why), ..dialog }));
            return;
        }
        let device: Option<Arc<str>> = (!device.is_empty()).then(|| device.into());
        let page = self.tab().document.page.clone();
        let is_other = |id: &&node_core::BlockId| page.block(id.as_str()).is_some_and(|node| node.device != device);
        let edits: Vec<Edit> = dialog
            .blocks
            .iter()
            .filter(is_other)
            .map(|block| Edit::Device { block: block.clone(), device: device.clone() })
            .collect();
        if !edits.is_empty() && self.edit("device", Edit::Batch(edits)) && self.tab().target.is_some() {
            // A run here would see no difference.
            self.tab_mut().submitted = None;
        }
    }
}

impl State {
    /// Takes in what clusters have answered since the last frame.
    pub(crate) fn hear_clusters(&mut self) {
        self.clusters.listen();
        // What a person is at in a dialog is not taken away.
        if self.dialog.is_some() {
            return;
        }
        if let Some((title, told)) = self.clusters.compared() {
            let lines = told.unwrap_or_else(|why| vec![why]);
            self.dialog = Some(Dialog::Message { title, lines });
        }
    }
}
