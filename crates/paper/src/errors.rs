//! Why a letter cannot be written, printed or checked. The family of codes is kept here, beside
//! the rendering that needs some of them, and listed by the desk `letters`.

kernel::catalog! {
    /// The program has no font with Japanese signs.
    FONT_MISSING = "TSK-LET-001", 503, "not-supported",
        cause: "PDFを作るための日本語の字体(フォント)が、サーバーに入っていません。", "the server has no font with Japanese signs, so that it cannot make a PDF";
        remedy: "画面の印刷をお使いください。管理者の方は、パッケージ fonts-noto-cjk を入れるか、--font で字体を指定して起動してください。", "print the page instead; operators install the package fonts-noto-cjk or start with --font";
        source: "design, section 6 (documents on paper)";
    /// The PDF cannot be made.
    UNPRINTED = "TSK-LET-002", 422, "too-long",
        cause: "この文書は長すぎるなどの理由で、PDFにできませんでした。", "the document cannot be made into a PDF, for example because it is too long";
        remedy: "画面でお読みいただくか、画面の印刷をお使いください。", "read it on the page, or print the page";
        source: "ISO 14289-1";
    /// The letter's form is not filled in.
    INCOMPLETE = "TSK-LET-003", 422, "required",
        cause: "紹介状に、まだ書かれていない項目や、直していただきたい項目があります。", "the letter has fields that are empty or have to be mended";
        remedy: "示された項目を直して、もう一度送ってください。入力した内容は残っています(添付ファイルは選び直してください)。", "mend the fields that are named and send again; what was typed is kept, files have to be chosen again";
        source: "JP-CLINS 1.5 (JP_Composition_eReferral: sections 910, 950, 340, 360)";
    /// The patient has no member identifier.
    NOT_INSURED = "TSK-LET-004", 422, "required",
        cause: "患者さんの今日の保険資格の番号が見つからないため、紹介状を送れません。", "no number of the patient's coverage holds today, so that the letter cannot be sent";
        remedy: "資格確認をやり直してください。資格がない方には、紙の紹介状をお渡しください。", "check eligibility again; give a letter on paper to somebody without coverage";
        source: "JP-CLINS R1012, R1013";
    /// The facility has no number that JP-CLINS takes.
    NO_NUMBER = "TSK-LET-005", 422, "required",
        cause: "施設の医療機関コード(10桁)が、電子カルテ情報共有の形に合わないため、紹介状を送れません。", "the facility's ten-digit code is not of the form that documents take";
        remedy: "医科・歯科の医療機関コードであることを、管理者にご確認ください。", "ask the administrator whether it is the code of a medical or dental facility";
        source: "JP-CLINS R1021";
    /// Nothing was given to check.
    NOTHING = "TSK-LET-006", 400, "required",
        cause: "検証する文書がありません。", "there is nothing to check";
        remedy: "JSONファイルを選ぶか、本文を貼り付けてください。", "choose a JSON file, or paste its text";
        source: "peers section b (validators that vendors ask for)";
    /// The date of the rules is none.
    DATE = "TSK-LET-007", 400, "value",
        cause: "「いつの規則で」の日付を読み取れませんでした。", "the date of the rules cannot be read";
        remedy: "2026-04-01 の形で入力してください。", "write it as 2026-04-01";
        source: "JP-CLINS 1.5";
    /// A document that is kept cannot be set.
    UNREADABLE = "TSK-LET-008", 422, "processing",
        cause: "この文書は、読みやすい形にできませんでした。", "the document cannot be set as a page";
        remedy: "送った施設に、内容をおたずねください。元のデータは保管されています。", "ask the facility that sent it; its data is kept";
        source: "JP-CLINS 1.5";
}
