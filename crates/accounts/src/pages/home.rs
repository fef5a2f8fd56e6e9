//! The entrance of the office.

use kernel::Refusal;
use web::{
    Answer, Request, office,
    ui::{self, Tile},
};

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let rooms = office::rooms(&request);
    if rooms.is_empty() {
        return Ok(Answer::see_other("/"));
    }
    let tiles: Vec<Tile<'_>> = rooms
        .iter()
        .map(|room| Tile {
            href: room.path,
            icon: room.icon,
            title: room.title(lang),
            description: room.description(lang),
        })
        .collect();
    let body = maud::html! {
        p { (lang.pick(
            "施設の管理を行う画面です。患者さんの診療情報は表示されません。",
            "Pages for administering the facility. No patient's information is shown here.")) }
        (ui::tiles(&tiles))
    };
    Ok(office::page(
        &request,
        lang.pick("管理", "Office"),
        &[],
        false,
        body,
    ))
}
