"""Two hundred texts that try to run a script, and the traps that notice whether one did."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import product
from typing import Any

from unioncat.domain.licence import LONGEST_WORDS, Licence, LicenceCode

_RUN = "window.__ran=1"
_TAGS = (
    "<script>{}</script>",
    "<script src=data:,{}></script>",
    "<img src=x onerror={}>",
    "<img src=x onerror='{}'//",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "<body onload={}>",
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    "<iframe src='javascript:parent.{}'></iframe>",
    "<object data='javascript:{}'></object>",
    "<embed src='javascript:{}'>",
    "<details open ontoggle={}>",
    "<video><source onerror={}></video>",
    "<input autofocus onfocus={}>",
    "<marquee onstart={}>",
    "<style>@import 'javascript:{}'</style>",
    "<link rel=stylesheet href='data:text/css,{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href='http://evil.example/{}'>",
    "<form action='javascript:{}'><button autofocus>x</button></form>",
    "<a href='javascript:{}'>x</a>",
    "<template shadowrootmode=open><img src=x onerror={}></template>",
)
_BEFORE = ("", '">', "'>", "</title>", "</textarea></script>", "--><!-- -->", "]]>")
_ATTRIBUTES = (
    '" onmouseover="{}',
    "' onfocus='{}' autofocus='",
    '" style="background:url(javascript:{})',
    "` onload=`{}",
    "x onpointerenter={} ",
    '"onerror="{}"src="x',
    '" autofocus onfocus={} x="',
    "&quot; onclick=&quot;{}",
)
_OTHER = (
    "javascript:{}",
    "JaVaScRiPt:{}",
    "java\tscript:{}",
    "\x01javascript:{}",
    "data:text/html,<script>parent.{}</script>",
    "vbscript:{}",
    "{{{{constructor.constructor('{}')()}}}}",
    "{{% raw %}}{{{{ ''.__class__ }}}}{{% endraw %}} {}",
    "${{{}}}",
    "\u2028{}\u2029",
    "\ufeff<script>{}</script>",
    "\uff1cscript\uff1e{}\uff1c/script\uff1e",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
    "%3Cscript%3E{}%3C/script%3E",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "\u202e<script>{}</script>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<<script>script>{}<</script>/script>",
    "<ScRiPt\n>{}</sCrIpT\t>",
    "<script/x>{}</script/y>",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
)
TEXTS = tuple(
    dict.fromkeys(
        one.format(_RUN)
        for one in (*(before + tag for tag, before in product(_TAGS, _BEFORE)), *_ATTRIBUTES, *_OTHER)
    )
)[:200]

WATCH = """
window.__ran = 0; window.__refused = [];
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.__ran = 1; };
document.addEventListener('securitypolicyviolation',
  event => window.__refused.push(event.violatedDirective + ' ' + event.blockedURI));
"""
"""Runs before everything else of a page."""

LOOK = r"""() => {
  const found = [];
  if (window.__ran) found.push('a script ran');
  found.push(...(window.__refused || []).map(one => 'refused by the policy: ' + one));
  for (const one of document.querySelectorAll('*')) {
    const name = one.localName;
    for (const { name: attribute, value } of one.attributes) {
      if (attribute.startsWith('on') || attribute === 'style' || attribute === 'srcdoc')
        found.push(name + ' has ' + attribute);
      if (['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(attribute)
          && !/^(https?:\/\/|\/|#|\?|mailto:|otpauth:)/.test(value) && value !== '')
        found.push(name + ' ' + attribute + ': ' + value.slice(0, 60));
    }
    if (['iframe', 'object', 'embed', 'base', 'marquee', 'math', 'animate', 'frame'].includes(name)
        || (name === 'script' && !new URL(one.src || 'x:y').pathname.startsWith('/static/'))
        || (name === 'style') || (name === 'meta' && /refresh/i.test(one.httpEquiv)
            && /javascript|evil/i.test(one.content)))
      found.push('a ' + name);
  }
  return [...new Set(found)];
}"""
"""Says what is on the page that no text of ours would make."""


def poisoned(value: Any, texts: tuple[str, ...], keep: tuple[str, ...] = ("id", "library", "source")) -> Any:
    """Put hostile texts into every text of a thing, and of what it consists of; ids and codes stay."""
    text = " ".join(texts)
    if isinstance(value, Enum) or value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        if value and all(type(one) is str for one in value):
            return (text, *texts)
        if value and is_dataclass(value[0]) and type(value[0]).__name__ == "Link":
            return tuple(replace(value[0], url=one, text=one, rights=one) for one in texts)
        return tuple(poisoned(one, texts, keep) for one in value)
    if isinstance(value, Licence):
        return Licence(LicenceCode.STATED, text[:LONGEST_WORDS])
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            one.name: poisoned(getattr(value, one.name), texts, keep)
            for one in fields(value)
            if one.init and one.name not in keep
        }
        return replace(value, **changed)
    return value
