"""A site that holds every construct of WordPress that its exports are known to hold, and what is read of each here.

The texts are ours; their shapes are those of exports, of the old editor, of blocks and of plugins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

ADDRESS = "https://www.ancien.example"
UPLOADS = f"{ADDRESS}/wp-content/uploads"


@dataclass(frozen=True)
class Text:
    """`expected` are the paragraphs, headings and items that a visitor reads, in order."""

    key: int
    slug: str
    title: str
    body: str
    expected: tuple[str, ...]
    kind: str = "post"
    extra: str = ""
    state: str = "publish"
    date: str = "2015-03-02 09:00:00"
    gmt: str = "2015-03-02 14:00:00"
    notes: tuple[str, ...] = field(default=())


CLASSIC = """Un premier paragraphe
sur deux lignes.

Un deuxième, avec [sic], [au Pôle], [1] et [la région].
<h3>Un titre collé</h3>
La suite, puis une liste :<ul>
<li>un</li>
<li>deux</li>
</ul>
<blockquote>Une citation

de deux paragraphes</blockquote>
<p style="text-align:center">Au centre.</p>

Après le centre.<!--more-->Après la coupe.
<!--nextpage-->
La page suivante.
<pre>[gallery ids="1"]

  code &amp; retrait</pre>
<table><caption>Un tableau</caption><tbody><tr><th>A</th><td>B</td></tr></tbody></table>
<dl><dt>Terme</dt><dd>Sens</dd></dl>
Un mot <code>[video]</code> et [[gallery]] échappé.
<hr />
Dernier &eacute;l&eacute;ment."""

BLOCKS = """<!-- wp:paragraph --><p>Avant<sup data-fn="f1" class="fn"><a href="#f1" id="f1-link">1</a></sup>.</p><!-- /wp:paragraph -->
<!-- wp:columns --><div class="wp-block-columns"><!-- wp:column {"width":"50%"} --><div class="wp-block-column"><!-- wp:heading {"level":3} --><h3 class="wp-block-heading">Colonne</h3><!-- /wp:heading --></div><!-- /wp:column --><!-- wp:column --><div class="wp-block-column"><!-- wp:list --><ul><!-- wp:list-item --><li>point<!-- wp:list --><ul><!-- wp:list-item --><li>sous-point</li><!-- /wp:list-item --></ul><!-- /wp:list --></li><!-- /wp:list-item --></ul><!-- /wp:list --></div><!-- /wp:column --></div><!-- /wp:columns -->
<!-- wp:group {"layout":{"type":"constrained"}} --><div class="wp-block-group"><!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph --><p>Cité.</p><!-- /wp:paragraph --><cite>Elle</cite></blockquote><!-- /wp:quote --></div><!-- /wp:group -->
<!-- wp:pullquote --><figure class="wp-block-pullquote"><blockquote><p>En exergue</p><cite>Lui</cite></blockquote></figure><!-- /wp:pullquote -->
<!-- wp:buttons --><div class="wp-block-buttons"><!-- wp:button --><div class="wp-block-button"><a class="wp-block-button__link wp-element-button" href="https://ailleurs.example/">S’inscrire</a></div><!-- /wp:button --><!-- wp:button --><div class="wp-block-button"><a class="wp-block-button__link" href="/equipe/">L’équipe</a></div><!-- /wp:button --></div><!-- /wp:buttons -->
<!-- wp:block {"ref":70} /-->
<!-- wp:embed {"url":"https://videos.example/watch?v=abc&t=1","type":"video","providerNameSlug":"x"} --><figure class="wp-block-embed is-type-video"><div class="wp-block-embed__wrapper">
https://videos.example/watch?v=abc&amp;t=1
</div><figcaption class="wp-element-caption">Le film</figcaption></figure><!-- /wp:embed -->
<!-- wp:table --><figure class="wp-block-table"><table><tbody><tr><td>case</td></tr></tbody></table><figcaption>Sous le tableau</figcaption></figure><!-- /wp:table -->
<!-- wp:verse --><pre class="wp-block-verse">Un vers
  un autre</pre><!-- /wp:verse -->
<!-- wp:details --><details class="wp-block-details"><summary>Plus</summary><!-- wp:paragraph --><p>Le détail.</p><!-- /wp:paragraph --></details><!-- /wp:details -->
<!-- wp:media-text --><div class="wp-block-media-text"><figure class="wp-block-media-text__media"><img src="https://www.ancien.example/wp-content/uploads/2015/03/serre-1024x683.jpg" alt="Une serre"/></figure><div class="wp-block-media-text__content"><!-- wp:paragraph --><p>À côté.</p><!-- /wp:paragraph --></div></div><!-- /wp:media-text -->
<!-- wp:cover {"url":"https://www.ancien.example/wp-content/uploads/2015/03/champ.png","id":11} --><div class="wp-block-cover"><div class="wp-block-cover__inner-container"><!-- wp:paragraph --><p>Par-dessus.</p><!-- /wp:paragraph --></div></div><!-- /wp:cover -->
<!-- wp:file {"href":"https://www.ancien.example/wp-content/uploads/2015/03/bilan.pdf"} --><div class="wp-block-file"><a href="https://www.ancien.example/wp-content/uploads/2015/03/bilan.pdf">Le bilan</a><a href="https://www.ancien.example/wp-content/uploads/2015/03/bilan.pdf" class="wp-block-file__button" download>Télécharger</a></div><!-- /wp:file -->
<!-- wp:video --><figure class="wp-block-video"><video controls src="https://www.ancien.example/wp-content/uploads/2015/03/film.mp4"></video><figcaption>Tournage</figcaption></figure><!-- /wp:video -->
<!-- wp:separator --><hr class="wp-block-separator"/><!-- /wp:separator --><!-- wp:spacer --><div style="height:9px" aria-hidden="true" class="wp-block-spacer"></div><!-- /wp:spacer -->
<!-- wp:gallery {"ids":[10]} --><figure class="wp-block-gallery"><ul class="blocks-gallery-grid"><li class="blocks-gallery-item"><figure><img src="https://www.ancien.example/wp-content/uploads/2015/03/serre-300x200.jpg" alt="Serre"/><figcaption>Légende</figcaption></figure></li></ul></figure><!-- /wp:gallery -->
<!-- wp:latest-posts /-->
<!-- wp:html --><div>Libre</div><!-- /wp:html -->
<!-- wp:preformatted --><pre class="wp-block-preformatted">Tel quel</pre><!-- /wp:preformatted -->
Hors de tout bloc.

Deuxième hors bloc.
<!-- wp:footnotes /-->"""

CODES = """[caption id="attachment_10" align="left" width="300"]<a href="https://www.ancien.example/wp-content/uploads/2015/03/serre.jpg"><img src="https://www.ancien.example/wp-content/uploads/2015/03/serre-300x200.jpg" alt="" /></a> La serre en mars[/caption]

[gallery]

[wp_caption caption="Ancienne légende"]<img src="https://ancien.files.wordpress.com/2015/03/champ.png" />[/wp_caption]
Une adresse seule :
https://videos.example/watch?v=xyz
[embed width="400"]https://videos.example/watch?v=embed[/embed]
[audio mp3="https://www.ancien.example/wp-content/uploads/2015/03/chant.mp3"][/audio]
[vc_row][vc_column width="1/2"]Dans une colonne.[/vc_column][/vc_row]
[contact-form-7 id="5" title="Écrivez"]
<iframe src="//player.vimeo.com/video/12345"></iframe>
Fin du texte."""

TEXTS = (
    Text(
        1, "classique", "Le texte classique", CLASSIC,
        ("Un premier paragraphe sur deux lignes.", "Un deuxième, avec [sic], [au Pôle], [1] et [la région].",
         "Un titre collé", "La suite, puis une liste\u00a0:", "un", "deux", "Une citation", "de deux paragraphes", "Au centre.",
         "Après le centre.", "Après la coupe.", "La page suivante.", '[gallery ids="1"] code & retrait', "Un tableau", "A", "B",
         "Terme", "Sens", "Un mot [video] et [gallery] échappé.", "Dernier élément."),
        date="2015-03-02 09:00:00",
    ),
    Text(
        2, "blocs", "Le texte en blocs", BLOCKS,
        ("Avant1.", "Colonne", "point", "sous-point", "Cité.", "Elle", "En exergue", "Lui", "S’inscrire", "L’équipe",
         "Partagé par plusieurs.", "Vidéo – videos.example", "Le film", "case", "Sous le tableau", "Un vers un autre", "Plus",
         "Le détail.", "À côté.", "Par-dessus.", "Le bilan Télécharger",
         "Vidéo – ancien.example", "Tournage", "Légende", "Libre", "Tel quel",
         "Hors de tout bloc.", "Deuxième hors bloc.", "La note au pied."),
        extra="<wp:postmeta><wp:meta_key>footnotes</wp:meta_key><wp:meta_value><![CDATA["
        '[{"id":"f1","content":"La note <em>au pied<\\/em>."}]]]></wp:meta_value></wp:postmeta>',
        notes=("bloc «\u00a0latest-posts\u00a0»", "film.mp4"),
    ),
    Text(
        3, "codes", "Les codes courts", CODES,
        ("La serre en mars", "Dans la galerie", "Ancienne légende", "Une adresse seule\u00a0:", "Vidéo – videos.example",
         "Vidéo – videos.example", "https://www.ancien.example/wp-content/uploads/2015/03/chant.mp3",
         "Dans une colonne.", "Vidéo – vimeo.com", "Fin du texte."),
        notes=("[contact-form-7]", "[vc_row]", "chant.mp3"),
    ),
    Text(
        4, "said", "A text in English", 'He said "hello": 50% off, and that was all of it for you.',
        ('He said "hello": 50% off, and that was all of it for you.',),
    ),
    Text(
        5, "date-locale", "Pain &amp; fromage, l&#8217;alliance", "Quel [sic] beau <em>jour</em>.", ("Quel [sic] beau jour.",),
        gmt="0000-00-00 00:00:00", date="2012-02-16 10:00:00", extra="<wp:is_sticky>1</wp:is_sticky>",
        notes=("épinglé",),
    ),
    Text(6, "equipe", "L’équipe", "Nous sommes trois.", ("Nous sommes trois.",), kind="page"),
    Text(
        7, "historique", "L’historique", "Fondé en 1998.", ("Fondé en 1998.",), kind="page",
        extra="<wp:post_parent>6</wp:post_parent><wp:menu_order>2</wp:menu_order>"
        "<wp:comment><wp:comment_id>90</wp:comment_id><wp:comment_author><![CDATA[Zo&eacute; &amp;amp; L&eacute;o]]></wp:comment_author>"
        "<wp:comment_date>2016-01-02 08:00:00</wp:comment_date><wp:comment_date_gmt>2016-01-02 13:00:00</wp:comment_date_gmt>"
        "<wp:comment_content><![CDATA[Merci pour ce rappel !]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
        "<wp:comment_type></wp:comment_type><wp:comment_parent>0</wp:comment_parent></wp:comment>",
        notes=("sous «\u00a0L’équipe\u00a0»", "fermés aux nouveaux"),
    ),
)  # fmt: skip
DRAFTS = (
    Text(20, "prive", "Privé", "Entre nous.", (), state="private", notes=("privé",)),
    Text(21, "attente", "En attente", "À relire.", (), state="pending", notes=("relecture",)),
    Text(22, "sans-date", "Sans date", "Un jour.", (), date="0000-00-00 00:00:00", gmt="0000-00-00 00:00:00",
         notes=("sans date",)),
    Text(23, "long", "Un titre " + "très " * 40 + "long", "Bref.", (), notes=("gardé entier",)),
    Text(24, "secret", "Secret", "Chut.", (), extra="<wp:post_password>abc</wp:post_password>", notes=("mot de passe",)),
)  # fmt: skip

FILES = ((10, "serre.jpg", "Une serre au printemps"), (11, "champ.png", ""), (12, "bilan.pdf", ""))
OTHERS = """<item><title>Bloc partagé</title><wp:post_id>70</wp:post_id><wp:post_type>wp_block</wp:post_type><wp:status>publish</wp:status>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>Partagé par plusieurs.</p><!-- /wp:paragraph -->]]></content:encoded></item>
<item><title>Accueil</title><wp:post_id>71</wp:post_id><wp:post_type>nav_menu_item</wp:post_type><wp:status>publish</wp:status></item>
<item><title>Ancienne</title><wp:post_id>72</wp:post_id><wp:post_type>revision</wp:post_type><wp:status>inherit</wp:status></item>"""


def export(address: str = ADDRESS, texts: tuple[Text, ...] = TEXTS + DRAFTS) -> bytes:
    items = "\n".join([*map(_attachment, FILES), *map(_item, texts), OTHERS])
    written = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="https://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="https://wordpress.org/export/1.2/">
<channel><title>Un ancien site</title><link>{ADDRESS}</link><language>fr-FR</language><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{ADDRESS}</wp:base_site_url><wp:base_blog_url>{ADDRESS}</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>roy</wp:author_login><wp:author_display_name><![CDATA[Roy &amp;amp; cie]]></wp:author_display_name></wp:author>
<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>nouvelles</wp:category_nicename><wp:cat_name><![CDATA[Nouvelles]]></wp:cat_name></wp:category>
<wp:category><wp:term_id>4</wp:term_id><wp:category_nicename>habitation</wp:category_nicename><wp:category_parent>milieux</wp:category_parent><wp:cat_name><![CDATA[Habitation &amp; quartiers]]></wp:cat_name></wp:category>
<image><url>{ADDRESS}/logo.png</url><title>Une image</title><link>https://leurre.example</link></image>
{items}
</channel></rss>"""
    return written.replace(ADDRESS, address).encode()


def _attachment(file: tuple[int, str, str]) -> str:
    key, name, described = file
    return f"""<item><title>{name}</title><link>{ADDRESS}/2015/03/codes/{name.partition(".")[0]}/</link>
<guid isPermaLink="false">{UPLOADS}/2015/03/{name}</guid>
<wp:post_id>{key}</wp:post_id><wp:post_date>2015-03-01 09:00:00</wp:post_date><wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status>
<excerpt:encoded><![CDATA[{"Dans la <em>galerie</em>" if key == 11 else ""}]]></excerpt:encoded>
<wp:post_parent>3</wp:post_parent><wp:attachment_url>{UPLOADS}/2015/03/{name}</wp:attachment_url>
<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>{described}</wp:meta_value></wp:postmeta></item>"""


def _item(text: Text) -> str:
    link = f"{ADDRESS}/2015/03/{text.slug}/" if text.kind == "post" else f"{ADDRESS}/{text.slug}/"
    filed = (
        '<category domain="category" nicename="habitation"><![CDATA[Habitation &amp; quartiers]]></category>'
        '<category domain="post_tag" nicename="eau"><![CDATA[Eau]]></category>'
    )
    return f"""<item><title><![CDATA[{text.title}]]></title><link>{link}</link><dc:creator><![CDATA[roy]]></dc:creator>
<guid isPermaLink="false">{ADDRESS}/?p={text.key}</guid><content:encoded><![CDATA[{text.body}]]></content:encoded>
<wp:post_id>{text.key}</wp:post_id><wp:post_date>{text.date}</wp:post_date><wp:post_date_gmt>{text.gmt}</wp:post_date_gmt>
<wp:comment_status>open</wp:comment_status><wp:post_name>{escape(text.slug)}</wp:post_name><wp:status>{text.state}</wp:status>
<wp:post_type>{text.kind}</wp:post_type>{filed if text.kind == "post" else ""}{text.extra}</item>"""
