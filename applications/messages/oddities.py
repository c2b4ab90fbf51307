"""What may be odd about a mail and what became of it: sentences in Chinese, each to be translated where it is shown."""

from guideline.facts import gettext_noop

# the message as a whole
EMPTY = gettext_noop("檔案是空的，沒有可讀取的內容")
MBOX = gettext_noop("郵件開頭有信箱檔的「From 」行，已略過")
LINE_ENDS = gettext_noop("郵件以單獨的 CR 換行，已改為一般換行後讀取")
NO_TEXT = gettext_noop("郵件沒有文字內容，請查看附件或原始郵件")
TEXT_CUT = gettext_noop("郵件文字超過上限，僅顯示前段，全文保留於原始郵件")
TOO_MANY_PARTS = gettext_noop("郵件分段過多，超過上限的部分僅保留於原始郵件")
TOO_DEEP = gettext_noop("郵件層次過深，較深的部分未展開，整段列為附件")
NO_BOUNDARY = gettext_noop("郵件的分段標記缺漏，內容未分段，依原樣顯示為文字")
CUT_SHORT = gettext_noop("郵件沒有結尾標記，內容可能不完整")
EPILOGUE = gettext_noop("郵件結尾標記之後另有內容，僅保留於原始郵件")
REPORT = gettext_noop("這是郵件系統的投遞報告或退信，並非由人撰寫")
PARTIAL = gettext_noop("這是分割郵件的其中一段，其餘各段須另行取得")
ELSEWHERE = gettext_noop("郵件所指的附件在郵件之外，本系統不會下載")

# headers
NO_MESSAGE_ID = gettext_noop("郵件沒有 Message-ID")
BAD_MESSAGE_ID = gettext_noop("Message-ID 格式不正確，不作為識別之用")
REPEATED = gettext_noop("應只有一個的標頭重複出現，採用第一個")
LONG_HEADER = gettext_noop("標頭過長，超過上限的部分僅保留於原始郵件")
MANY_HEADERS = gettext_noop("標頭過多，超過上限的部分僅保留於原始郵件")
BAD_LINE = gettext_noop("標頭中有無法辨識的行，已略過")
NO_BLANK_LINE = gettext_noop("標頭與內文之間沒有空行，內文自第一個不是標頭的行起算")
BAD_WORD = gettext_noop("標頭的編碼不完整，無法解開的部分依原樣顯示")
NO_SUBJECT = gettext_noop("郵件沒有主旨")
NO_DATE = gettext_noop("郵件沒有日期")
BAD_DATE = gettext_noop("郵件日期無法辨識或不合理，未採用")
NO_ZONE = gettext_noop("郵件日期沒有明確的時區，以臺北時間計")
DATES_DISAGREE = gettext_noop("郵件日期與收件伺服器記錄的時間相差超過一日")
MANY_ADDRESSES = gettext_noop("收件人過多，超過上限的僅保留於原始郵件")
NO_SENDER = gettext_noop("沒有可辨識的寄件人地址")
SEVERAL_SENDERS = gettext_noop("寄件人不只一個，採用第一個")
SENDER_DIFFERS = gettext_noop("寄件人與實際寄送的地址（Sender 或 Return-Path）不同")
NAME_HAS_ADDRESS = gettext_noop("寄件人名稱中寫有另一個電子郵件地址，請勿視為寄件人")

# text
GUESSED = gettext_noop("未標明編碼或標示不正確，文字以推測的編碼讀取，可能有誤")
LOST = gettext_noop("有無法轉換的字元，已以「�」或近似字元代替，請對照原始郵件")
HIDDEN = gettext_noop("有看不見或會改變文字方向的字元，已移除")
BAD_HTML = gettext_noop("HTML 內容不完整，未結束的標記之後未顯示")
HTML_DIFFERS = gettext_noop("HTML 版本的文字與純文字版本不同，僅顯示純文字版本，請對照原始郵件")

# attachments
LEFT_OUT = gettext_noop("附件超過上限，僅保留於原始郵件")
BAD_NAME = gettext_noop("附件名稱含有路徑、控制字元或過長，已整理後顯示")
BAD_BASE64 = gettext_noop("附件或內文的 base64 編碼有誤或不完整，僅解出可讀的部分")
BAD_ENCODING = gettext_noop("附件或內文的傳輸編碼無法辨識，未解碼")
TNEF = gettext_noop("winmail.dat 是 Outlook 專用格式，未解開，列為附件")
SIGNED = gettext_noop("郵件附有數位簽章，本系統未驗證")
SEALED = gettext_noop("郵件內容包在 S/MIME 檔內，未解開，列為附件")
