"""Reads an emergency notice that arrived as e-mail: bytes in, a description of them out.

No row is written, nothing is rendered, followed or fetched. The bytes are the evidence; what is said here is
what they claim, and ``oddities`` says where reading them took a guess or left something out.
"""

from applications.messages.headers import Address
from applications.messages.reading import RAW_BYTES, Attachment, Message, TooBig, read_message

__all__ = ["RAW_BYTES", "Address", "Attachment", "Message", "TooBig", "read_message"]
