"""Why a certificate is declined: a sentence for the letter, in the reader's language."""

from market.i18n import N_

REASONS = {
    "unreadable": N_("The file cannot be read. Please take the original or a sharp photo of the whole page."),
    "incomplete": N_("Pages are missing. We need the whole certificate with its annex."),
    "expired": N_("According to the file the certificate is no longer valid."),
    "other-firm": N_("The certificate is made out to another firm or another site."),
    "other-facts": N_("Type, level, number or dates in the file differ from what was entered."),
    "no-certificate": N_("The file is no certificate but, for example, an offer, an invoice or a notice of a course."),
    "issuer": N_("The issuing body is not recognised for this certificate."),
    "other": N_("For another reason, which our note names."),
}
