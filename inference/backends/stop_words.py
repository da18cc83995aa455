"""Words that carry grammar and no content, by language (ISO 639-1).

Short on purpose: lists from packages also hold “example”, “number” or “first”, and cost MRR@10 .915 → .861 on
product documentation. What is missing here weighs little anyway, because it is frequent.
"""

_WORDS = {
    "en": """
        a about an and are as at be been but by can could did do does for from had has have how i if in into is it
        its me my no not of on or our s shall should so such t than that the their them then there these they this
        those to was we were what when where which who why will with would you your
    """,
    "de": """
        aber als am an auch auf aus bei bin bis bist da das dass dem den der des die dies diese dieser dieses du ein
        eine einem einen einer eines er es für hat haben hatte ich ihr im in ist ja kann mit nach nicht noch nur ob
        oder sein sich sie sind so über um und uns unter vom von vor war was wenn wer werden wie wir wird wo zu zum
        zur
    """,
    "fr": """
        a à ai as au aux avec ce ces cet cette comment d dans de des du elle elles en est et été être eu il ils j je l
        la le les leur leurs lui m ma mais me mes mon n ne nos notre nous on ont ou où par pas pour pourquoi qu quand
        que quel quelle quelles quels qui s sa sans se ses si son sont sur t ta te tes ton tu un une vos votre vous y
    """,
    "es": """
        a al ante como con cómo cual cuál cuando cuándo de del desde donde dónde e el ella ellas ellos en entre era es
        esa ese eso esta este esto fue ha han hasta hay la las le les lo los me mi mis muy ni no nos o para pero por
        porque qué que quién quien se ser si sin sobre son su sus también te tu tus u un una unas unos y ya yo
    """,
    "it": """
        a ad ai al alla alle allo anche c che chi ci come con cosa cui d da dai dal dalla dalle dei del della delle
        dello di dove e è ed era gli ha hanno i il in io l la le lei lo loro lui ma mi nel nella nelle noi non o per
        perché più quale quali quando quanto questa questo qui se si sono su sua sue sul sulla suo suoi tra tu un una
        uno
    """,
    "nl": """
        aan al als bij dan dat de der deze die dit doen door dus een en er haar had heb hebben heeft hem het hij hoe
        hun ik in is je kan maar me meer met mijn na naar niet nog nu of om onder ook op over te tegen toch toen tot
        uit van veel voor waar waarom wanneer was wat we welke wel werd wie wij worden wordt ze zich zij zijn zo zou
    """,
    "pt": """
        a ao aos as até com como da das de do dos e é ela elas ele eles em entre era essa esse esta este eu foi há
        isso já lhe mais mas me meu minha na não nas nem no nos o onde os ou para pela pelas pelo pelos por porque
        qual quais quando que quem são se sem ser seu seus sua suas só também te tem um uma você à às
    """,
}
STOP_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
