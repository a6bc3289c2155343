//! What a word says about a deal: open, won, lost or deleted, in the languages CRMs are kept in.
//!
//! One list for names of stages and for statuses. A guess for what the configuration does not say; a word that is not here,
//! or says two things, says nothing.

use crate::domain::spelling::key;
use crate::domain::stage::kind::StageKind;

/// Words for a won deal, wherever they stand in a name.
const WON: [&str; 66] = [
    "won",
    "closedwon",
    "converted",
    "gewonnen",
    "gewonnene",
    "gewonnener",
    "gagne",
    "gagné",
    "gagnée",
    "gagnés",
    "gagnées",
    "remporté",
    "remportée",
    "ganado",
    "ganada",
    "ganados",
    "ganadas",
    "vinto",
    "vinta",
    "vinti",
    "vinte",
    "ganho",
    "ganha",
    "ganhos",
    "ganhas",
    "vunnen",
    "vunnet",
    "vundet",
    "voitettu",
    "wygrana",
    "wygrane",
    "wygrany",
    "vyhráno",
    "vyhraný",
    "vyhraná",
    "megnyert",
    "megnyerve",
    "câștigat",
    "câștigată",
    "castigat",
    "kazanıldı",
    "kazanildi",
    "выиграна",
    "выиграно",
    "выигран",
    "успешна",
    "успешно",
    "виграно",
    "виграна",
    "成約",
    "受注",
    "赢单",
    "已成交",
    "수주",
    "kazanılan",
    "kazanilan",
    "kazandı",
    "kazandi",
    "выигрыш",
    "الفوز",
    "فوز",
    "رابح",
    "رابحة",
    "مكسوبة",
    "贏單",
    "成單",
];

/// Words for a lost deal, wherever they stand in a name.
const LOST: [&str; 97] = [
    "lost",
    "closedlost",
    "disqualified",
    "unqualified",
    "cancelled",
    "canceled",
    "abandoned",
    "rejected",
    "dead",
    "declined",
    "verloren",
    "verlorene",
    "verlorener",
    "storniert",
    "abgelehnt",
    "absage",
    "abgesagt",
    "disqualifiziert",
    "perdu",
    "perdue",
    "perdus",
    "perdues",
    "annulé",
    "annulée",
    "refusé",
    "refusée",
    "perdido",
    "perdida",
    "perdidos",
    "perdidas",
    "cancelado",
    "cancelada",
    "rechazado",
    "rechazada",
    "perso",
    "persa",
    "persi",
    "perse",
    "annullato",
    "annullata",
    "rifiutato",
    "recusado",
    "recusada",
    "geannuleerd",
    "afgewezen",
    "förlorad",
    "förlorat",
    "förlorade",
    "tabt",
    "tapt",
    "hävitty",
    "menetetty",
    "przegrana",
    "przegrane",
    "przegrany",
    "utracona",
    "utracone",
    "prohráno",
    "prohraný",
    "prohraná",
    "ztraceno",
    "elvesztett",
    "pierdut",
    "pierdută",
    "kaybedildi",
    "проиграна",
    "проиграно",
    "провалена",
    "провалено",
    "потеряна",
    "втрачено",
    "програно",
    "失注",
    "输单",
    "kaybedilen",
    "kaybetti",
    "kayıp",
    "iptal",
    "проигрыш",
    "отказ",
    "нереализовано",
    "отменена",
    "отменено",
    "odrzucona",
    "anulowana",
    "خسارة",
    "خاسر",
    "خاسرة",
    "مفقودة",
    "ملغاة",
    "مرفوضة",
    "輸單",
    "丢单",
    "流失",
    "실주",
    "見送り",
    "不成立",
];

/// Whole names for a won deal that mean something else beside other words.
const WON_ALONE: [&str; 9] = ["win", "success", "sold", "成交", "成功", "签约成功", "성공", "ناجح", "ناجحة"];

/// Whole names for a lost deal that mean something else beside other words.
const LOST_ALONE: [&str; 11] =
    ["loss", "outsold", "失败", "失敗", "取消", "辞退", "キャンセル", "실패", "취소", "탈락", "무산"];

/// Words in a row that together say that a deal is lost.
const LOST_PHRASES: [&str; 3] = ["не реализован", "не состоял", "لم يتم"];

/// What East Asian words have behind them where something is done.
const DONE_BEHIND: [&str; 8] = ["済み", "済", "完了", "確定", "しました", "완료", "완료됨", "됨"];

/// Whole names for an open deal; beside other words they may mean anything.
const OPEN: [&str; 55] = [
    "open",
    "inprogress",
    "active",
    "pending",
    "onhold",
    "new",
    "ongoing",
    "offen",
    "offene",
    "inbearbeitung",
    "laufend",
    "aktiv",
    "neu",
    "ouvert",
    "ouverte",
    "encours",
    "abierto",
    "abierta",
    "encurso",
    "enprogreso",
    "aperto",
    "aperta",
    "incorso",
    "aberto",
    "aberta",
    "emandamento",
    "openstaand",
    "lopend",
    "öppen",
    "öppet",
    "åben",
    "åpen",
    "avoin",
    "otwarta",
    "otwarte",
    "otwarty",
    "otevřeno",
    "otevřená",
    "nyitott",
    "deschis",
    "deschisă",
    "açık",
    "открыта",
    "открыто",
    "вработе",
    "відкрито",
    "進行中",
    "进行中",
    "진행중",
    "商談中",
    "跟进中",
    "진행",
    "devamediyor",
    "مفتوح",
    "مفتوحة",
];

/// Whole names for a deal that was thrown away: it is neither won nor lost.
const DELETED: [&str; 27] = [
    "deleted",
    "trashed",
    "gelöscht",
    "supprimé",
    "supprimée",
    "eliminado",
    "eliminada",
    "borrado",
    "borrada",
    "eliminato",
    "eliminata",
    "cancellato",
    "excluído",
    "excluída",
    "apagado",
    "verwijderd",
    "raderad",
    "slettet",
    "poistettu",
    "usunięta",
    "usunięte",
    "smazáno",
    "törölt",
    "silindi",
    "удалена",
    "удалено",
    "削除",
];

/// Won or lost, where a name has a word for it; nothing where it has none, or words for both.
#[must_use]
pub fn outcome_of_name(name: &str) -> Option<StageKind> {
    // the capital of the Turkish i leaves a mark of its own
    let lower = name.to_lowercase().replace('\u{307}', "");
    if LOST_PHRASES.iter().any(|phrase| lower.contains(phrase)) {
        return Some(StageKind::Lost);
    }
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(bare);
    let says = |list: &[&str]| words.clone().any(|word| list.contains(&word));
    let (won, lost) = (says(&WON), says(&LOST));
    match (won, lost) {
        (true, false) => Some(StageKind::Won),
        (false, true) => Some(StageKind::Lost),
        (true, true) => None,
        (false, false) => match (words.next(), words.next()) {
            (Some(only), None) if WON_ALONE.contains(&only) => Some(StageKind::Won),
            (Some(only), None) if LOST_ALONE.contains(&only) => Some(StageKind::Lost),
            _ => None,
        },
    }
}

/// A word of a script without blanks without what says that it is done.
fn bare(word: &str) -> &str {
    let word = DONE_BEHIND.iter().find_map(|done| word.strip_suffix(done)).unwrap_or(word);
    word.strip_prefix('已').unwrap_or(word)
}

/// Open, won or lost, as a status or the name of a stage says it.
#[must_use]
pub fn kind_of_word(word: &str) -> Option<StageKind> {
    match word {
        "open" => return Some(StageKind::Open),
        "won" => return Some(StageKind::Won),
        "lost" => return Some(StageKind::Lost),
        _ => {}
    }
    outcome_of_name(word).or_else(|| OPEN.contains(&key(word).as_str()).then_some(StageKind::Open))
}

/// Whether a word says that the deal was deleted.
#[must_use]
pub fn is_deleted(word: &str) -> bool {
    DELETED.contains(&key(word).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_outcomes() {
        for name in [
            "Closed Won",
            "closedwon",
            "5 - GEWONNEN",
            "Gagné",
            "won",
            "Sold",
            "Сделка успешна",
            "受注",
            "受注済み",
            "已赢单",
            "تم الفوز",
        ] {
            assert_eq!(outcome_of_name(name), Some(StageKind::Won), "{name}");
        }
        for name in [
            "Closed-Lost",
            "closedlost",
            "Disqualified (no budget)",
            "Verloren",
            "Dead",
            "Perdu",
            "失注",
            "İptal",
            "已失败",
            "Закрыто и не реализовано",
        ] {
            assert_eq!(outcome_of_name(name), Some(StageKind::Lost), "{name}");
        }
        for name in ["Won/Lost", "Wonderful", "Negotiation", "4-Close", "", "Sold to partner", "受注見込", "未受注"]
        {
            assert_eq!(outcome_of_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_status_is_read_by_the_same_words() {
        for (word, kind) in [
            ("Closed Won", StageKind::Won),
            ("Ganada", StageKind::Won),
            ("Выиграна", StageKind::Won),
            ("LOST", StageKind::Lost),
            ("Rejected", StageKind::Lost),
            ("in-progress", StageKind::Open),
            ("Offen", StageKind::Open),
            ("Abierto", StageKind::Open),
        ] {
            assert_eq!(kind_of_word(word), Some(kind), "{word}");
        }
        for word in ["maybe", "Closed", "Deleted", "Archived", "1", ""] {
            assert_eq!(kind_of_word(word), None, "{word}");
        }
        assert!(is_deleted("Deleted") && is_deleted("gelöscht") && !is_deleted("lost"));
    }

    #[test]
    fn no_word_stands_in_two_lists() {
        let lists: [&[&str]; 6] = [&WON, &LOST, &WON_ALONE, &LOST_ALONE, &OPEN, &DELETED];
        let mut all: Vec<&str> = lists.concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
