"""Words of the columns of official tables: what each says, language by language."""

import pandas as pd
import pytest

from forecast import Contest
from forecast.facts.words.column_words import role_of

NAMES = {
    "valid": {
        "en": "Valid votes|Total valid votes|Valid ballots|Formal votes|Valid votes cast",
        "fr": "Suffrages exprimés|Votes valables|Bulletins valables|Votes valides",
        "es": "Votos válidos|Votos válidamente emitidos",
        "pt": "Votos válidos|Votos nominais|Votos válidamente expressos|"
              "Votos validamente expressos",
        "pl": "Głosy ważne|Liczba głosów ważnych|Karty ważne|Liczba kart ważnych",
        "ro": "Voturi valabil exprimate|Voturi valide",
        "bg": "Действителни гласове|Действителни бюлетини|Валидни гласове",
        "ru": "Действительные бюллетени|Число действительных бюллетеней",
        "uk": "Дійсні бюлетені|Кількість дійсних бюлетенів",
        "tr": "Geçerli oy|Geçerli oy sayısı|Geçerli oylar",
        "cs": "Platné hlasy|Platných hlasů",
        "sk": "Platné hlasy|Počet platných hlasov",
        "hr": "Važeći listići|Važećih listića|Važeći glasački listići|"
              "Važećih glasačkih listića|Важећи листићи|Важећих листића",
        "sl": "Veljavne glasovnice|Veljavni glasovi",
        "lt": "Galiojantys biuleteniai|Galiojančių biuletenių skaičius",
        "fi": "Hyväksytyt äänet|Hyväksyttyjä|Hyväksytyt äänestysliput",
        "de": "Gültige Stimmen|Gültige|Gültige Stimmzettel|Gültige Wahlzettel",
        "it": "Voti validi|Schede valide",
        "id": "Suara sah|Jumlah suara sah",
        "el": "Έγκυρα|Έγκυρα ψηφοδέλτια",
        "hu": "Érvényes szavazatok|Érvényes szavazólapok|Érvényes szavazatok száma",
        "mk": "Важечки ливчиња|Важечки гласови|Важечки гласачки ливчиња",
        "sq": "Vota të vlefshme|Fletë të vlefshme|Vota te vlefshme",
        "lv": "Derīgas zīmes|Derīgās vēlēšanu zīmes|Derīgas vēlēšanu zīmes",
        "et": "Kehtivaid hääli|Kehtivad hääled|Kehtivaid sedeleid",
        "sv": "Giltiga röster|Giltiga valsedlar|Godkända röster",
        "da": "Gyldige stemmer|Gyldige stemmesedler|Gyldige",
        "no": "Godkjente stemmer|Godkjente|Godkjente stemmesedler|Gyldige stemmer",
        "nl": "Geldige stemmen|Geldige stembiljetten|Aantal geldige stemmen",
        "is": "Gild atkvæði|Gildir seðlar",
    },
    "invalid": {
        "en": "Invalid votes|Rejected ballots|Spoilt papers|Spoiled ballots|Null votes|"
              "Blank ballots|Blank votes|Informal votes|Void votes|Rejected votes|"
              "Disallowed votes|Other invalid votes|Invalid or blank|"
              "Total rejected ballot papers|Defective ballots",
        "fr": "Votes blancs|Bulletins blancs|Bulletins nuls|Nuls|Blancs et nuls|"
              "Bulletins blancs et nuls|Bulletins non valables|Votes nuls|Suffrages nuls|"
              "Bulletins annulés|Bulletins rejetés|Enveloppes vides|Autres nuls|"
              "Bulletins invalides",
        "es": "Votos en blanco|Votos nulos|Votos blancos|Papeletas nulas|Papeletas en blanco|"
              "Nulos y blancos|Votos rechazados|Votos inválidos|Otros nulos|"
              "Tarjetas no marcadas|Votos viciados|Votos anulados|Votos observados|"
              "Votos impugnados",
        "pt": "Votos brancos|Votos em branco|Votos nulos|Brancos e nulos|Nulos|"
              "Votos inválidos|Votos anulados|Outros nulos|Votos rejeitados",
        "pl": "Głosy nieważne|Liczba głosów nieważnych|Karty nieważne|Puste karty|"
              "Głosy puste|W tym nieważne|Liczba kart nieważnych|Inne nieważne|"
              "Pozostałe nieważne",
        "ro": "Voturi nule|Voturi albe|Buletine nule|Voturi anulate|Alte voturi nule|"
              "Voturi invalide",
        "bg": "Недействителни гласове|Недействителни бюлетини|Празни бюлетини|Бели бюлетини|"
              "Невалидни бюлетини|Други недействителни",
        "ru": "Недействительные бюллетени|Число недействительных бюллетеней|"
              "Испорченные бюллетени|Пустые бюллетени|Признаны недействительными|"
              "Прочие недействительные",
        "uk": "Недійсні бюлетені|Кількість недійсних бюлетенів|Зіпсовані бюлетені|"
              "Порожні бюлетені|Інші недійсні",
        "tr": "Geçersiz oy|Boş oy|Geçersiz oy sayısı|İptal edilen oy|Geçersiz oylar|"
              "Boş oylar|Diğer geçersiz",
        "cs": "Neplatné hlasy|Neplatných hlasů|Prázdné obálky|Prázdné lístky|Prázdných|"
              "Vadné lístky|Jiné neplatné|Ostatní neplatné",
        "sk": "Neplatné hlasy|Neplatné lístky|Prázdne hlasy|Počet neplatných hlasov|"
              "Prázdne obálky|Iné neplatné",
        "hr": "Nevažeći listići|Nevažećih listića|Prazni listići|Nevažećih glasačkih listića|"
              "Nevaljani listići|Poništeni listići|Nevaljanih|Ostali nevažeći|"
              "Неважећи листићи|Празни листићи",
        "sl": "Neveljavne glasovnice|Neveljavni glasovi|Prazne glasovnice|Druge neveljavne|"
              "Praznih glasovnic",
        "lt": "Negaliojantys biuleteniai|Negaliojančių biuletenių skaičius|"
              "Sugadinti biuleteniai|Tušti biuleteniai",
        "fi": "Hylätyt äänet|Hylättyjä|Mitättömät äänet|Tyhjät äänet|Tyhjiä|"
              "Tyhjät äänestysliput|Muut hylätyt|Hylätyt äänestysliput",
        "de": "Ungültige Stimmen|Ungültige|Ungültige Stimmzettel|Leere Stimmen|"
              "Leere Stimmzettel|Leer|Weiße Stimmzettel|Leere und ungültige|Nichtige Stimmen|"
              "Ungültige Wahlzettel|Übrige ungültige|Sonstige ungültige",
        "it": "Schede bianche|Schede nulle|Voti nulli|Schede contestate|Schede non valide|"
              "Bianche|Nulle|Voti contestati|Voti non validi|Schede bianche e nulle|"
              "Altre schede nulle|Schede annullate",
        "id": "Suara tidak sah|Suara batal|Jumlah suara tidak sah|Suara rusak|"
              "Surat suara rusak|Surat suara kosong",
        "el": "Άκυρα|Λευκά|Άκυρα και λευκά|Άκυρα ψηφοδέλτια|Λευκά ψηφοδέλτια|Άκυρα / Λευκά",
        "hu": "Érvénytelen szavazatok|Érvénytelen szavazólapok|Érvénytelen szavazatok száma|"
              "Üres szavazólapok|Üres",
        "mk": "Неважечки ливчиња|Неважечки гласови|Неважечки гласачки ливчиња|Празни ливчиња",
        "sq": "Vota të pavlefshme|Fletë të pavlefshme|Vota të bardha|Fletë të bardha",
        "lv": "Nederīgas zīmes|Nederīgās vēlēšanu zīmes|Tukšās zīmes|Tukšas aploksnes|"
              "Nederīgas aploksnes",
        "et": "Kehtetuid sedeleid|Rikutud sedelid|Rikutud hääletussedelid|Kehtetud hääled|"
              "Tühjad sedelid|Tühje",
        "sv": "Ogiltiga röster|Blanka röster|Ogiltiga valsedlar|Blanka valsedlar|"
              "Övriga ogiltiga|Övriga ogiltiga röster|Ogiltiga|Blanka|Underkända röster|"
              "Ogiltiga röster - blanka|Ogiltiga - övriga|Andra ogiltiga",
        "da": "Ugyldige stemmer|Blanke stemmer|Ugyldige stemmesedler|Blanke stemmesedler|"
              "Andre ugyldige stemmer|Andre ugyldige|Forkastede stemmer|Blanke|"
              "Øvrige ugyldige",
        "no": "Forkastede stemmer|Forkastede|Blanke stemmer|Forkastede stemmesedler|"
              "Blanke stemmesedler|Andre forkastede|Ugyldige stemmer|Forkasta røyster|"
              "Blanke røyster",
        "nl": "Ongeldige stemmen|Ongeldige stembiljetten|Blanco stemmen|Blanco stembiljetten|"
              "Aantal blanco stemmen|Ongeldig|Ongeldige|Overige ongeldige stemmen|"
              "Andere ongeldige|Ongeldige en blanco stemmen",
        "is": "Ógildir seðlar|Auðir seðlar|Auð atkvæði|Ógild atkvæði|Auðir og ógildir|"
              "Önnur ógild atkvæði",
    },
    "ballots": {
        "en": "Ballots cast|Votes cast|Ballots issued|Total ballots cast|Ballots in the box|"
              "Papers in the box|Ballots counted",
        "fr": "Votants|Nombre de votants|Bulletins trouvés dans l'urne|Enveloppes|"
              "Nombre d'enveloppes|Bulletins dans l'urne|Emargements",
        "es": "Votos emitidos|Votantes|Total de votantes|Papeletas en la urna|Papeletas|"
              "Boletas extraídas|Sufragantes|Sobres en la urna",
        "pt": "Votantes|Comparecimento|Boletins na urna|Votos na urna|Boletins de voto",
        "pl": "Karty wydane|Liczba kart wydanych|Liczba kart wyjętych z urny|Karty wyjęte|"
              "Wyborcy głosujący|Wydane karty|Liczba wydanych kart",
        "ro": "Votanți|Alegători prezentați|Alegători care s-au prezentat la urne|"
              "Buletine în urnă",
        "bg": "Гласували|Намерени бюлетини|Брой гласували|Бюлетини в урната|"
              "Бюлетини в кутията",
        "ru": "Число выданных бюллетеней|Бюллетеней в ящиках|Выданные бюллетени|"
              "Бюллетени в ящиках",
        "uk": "Кількість виборців, які взяли участь|Видані бюлетені|Бюлетені у скриньках|"
              "Бюлетенів у скриньках",
        "tr": "Oy kullanan|Kullanılan oy|Oy kullanan seçmen|Sandıktan çıkan zarf|Zarf sayısı|"
              "Oy pusulası",
        "cs": "Vydané obálky|Odevzdané obálky|Odevzdané hlasy|Hlasovalo|Vydaných obálek",
        "sk": "Vydané obálky|Odovzdané obálky|Zúčastnilo sa|Odovzdané lístky",
        "hr": "Glasovalo|Pristupilo glasovanju|Izašlo|Listići u kutiji|"
              "Glasačkih listića u kutiji|Izvađeno iz kutije",
        "sl": "Glasovalo|Oddane glasovnice|Oddanih glasovnic|Glasovnice v skrinjici",
        "lt": "Dalyvavo|Išduoti biuleteniai|Išduota biuletenių|Rasta biuletenių",
        "fi": "Äänestäneet|Äänestäneitä|Annetut äänet|Annettuja ääniä",
        "de": "Abgegebene Stimmen|Wähler|Abgegebene Stimmzettel|Eingelegte Stimmzettel|"
              "Eingelegte Wahlzettel|Eingegangene Stimmzettel|Wählende|Stimmzettel|"
              "Abgegebene Wahlzettel",
        "it": "Votanti|Schede scrutinate|Schede votate",
        "id": "Pengguna hak pilih|Surat suara digunakan|Surat suara yang digunakan|"
              "Surat suara",
        "el": "Ψήφισαν|Ψηφίσαντες|Ψηφοδέλτια|Σύνολο ψηφισάντων",
        "hu": "Megjelentek|Leadott szavazatok|Szavazott|Leadott szavazólapok|"
              "Urnában lévő szavazólapok",
        "mk": "Гласале|Излегоа|Вкупно гласале",
        "sq": "Votuan|Kanë votuar|Votues|Fletë votimi|Pjesëmarrës",
        "lv": "Nobalsojuši|Nobalsojušo skaits|Izsniegtās zīmes|Aploksnes",
        "et": "Hääletanuid|Hääletanud|Hääletussedelid|Väljastatud sedelid|Sedelid|"
              "Sedeleid kastis",
        "sv": "Röstande|Avgivna röster|Valsedlar|Avlämnade valsedlar|Antal valsedlar|"
              "Avgivna valsedlar",
        "da": "Afgivne stemmer|Afgivne stemmesedler|Stemmesedler|Antal stemmesedler|"
              "Antal vælgere der stemte",
        "no": "Avgitte stemmer|Stemmesedler|Antall stemmesedler|Fremmøtte|Stemmegivninger|"
              "Avgitte stemmesedler",
        "nl": "Uitgebrachte stemmen|Stembiljetten|Aantal stembiljetten|Opgekomen kiezers|"
              "Toegelaten kiezers|Aangetroffen stembiljetten|Getelde stembiljetten",
        "is": "Greidd atkvæði|Kosið hafa|Atkvæðaseðlar|Kjörseðlar",
    },
    "unused": {
        "en": "Unused ballots|Ballots received|Unissued ballot papers|Remaining ballots|"
              "Leftover ballots|Ballots printed|Ballots destroyed",
        "fr": "Bulletins inutilisés|Bulletins reçus|Bulletins non utilisés|"
              "Bulletins restants|Bulletins détruits",
        "es": "Papeletas sobrantes|Boletas sobrantes|Papeletas recibidas|"
              "Boletas no utilizadas|Papeletas no utilizadas|Boletas inutilizadas",
        "pt": "Boletins não utilizados|Boletins recebidos|Boletins inutilizados|"
              "Boletins sobrantes",
        "pl": "Karty niewykorzystane|Liczba kart niewykorzystanych|Karty otrzymane",
        "ro": "Buletine nefolosite|Buletine primite|Buletine rămase neîntrebuințate|"
              "Buletine neîntrebuințate și anulate",
        "bg": "Неизползвани бюлетини|Получени бюлетини|Неупотребени бюлетини|"
              "Унищожени бюлетини",
        "ru": "Погашенные бюллетени|Полученные бюллетени|Неиспользованные бюллетени|"
              "Утраченные бюллетени",
        "uk": "Невикористані бюлетені|Отримані бюлетені|Погашені бюлетені|Одержані бюлетені",
        "tr": "Kullanılmayan oy|Kullanılmayan pusula|Artan oy pusulası|Alınan pusula",
        "cs": "Nepoužité lístky|Přijaté lístky|Zbylé lístky",
        "sk": "Nepoužité lístky|Zostatok lístkov",
        "hr": "Neupotrebljeni listići|Neiskorišteni listići|Primljeni listići|"
              "Primljenih listića|Neupotrebljenih glasačkih listića|Неупотребљени листићи|"
              "Примљени листићи",
        "sl": "Neuporabljene glasovnice|Prejete glasovnice",
        "lt": "Nepanaudoti biuleteniai|Gauti biuleteniai",
        "fi": "Käyttämättömät äänestysliput|Jäljellä olevat äänestysliput",
        "de": "Unbenutzte Stimmzettel|Unverbrauchte Stimmzettel|Nicht benutzte Stimmzettel|"
              "Erhaltene Stimmzettel",
        "it": "Schede inutilizzate|Schede non utilizzate|Schede ricevute|Schede residue",
        "id": "Surat suara tidak digunakan|Surat suara diterima|Surat suara tidak terpakai|"
              "Surat suara sisa",
        "el": "Αχρησιμοποίητα ψηφοδέλτια",
        "hu": "Fel nem használt szavazólapok|Megmaradt szavazólapok",
        "mk": "Неупотребени ливчиња|Примени ливчиња|Неискористени ливчиња",
        "sq": "Fletë të papërdorura",
        "lv": "Neizmantotās zīmes|Neizlietotās zīmes|Saņemtās zīmes",
        "et": "Kasutamata sedelid|Saadud sedelid",
        "sv": "Oanvända valsedlar|Mottagna valsedlar",
        "da": "Ubrugte stemmesedler|Modtagne stemmesedler",
        "no": "Ubrukte stemmesedler|Mottatte stemmesedler",
        "nl": "Ongebruikte stembiljetten|Niet gebruikte stembiljetten|"
              "Ontvangen stembiljetten|Overgebleven stembiljetten|"
              "Niet-gebruikte stembiljetten",
        "is": "Ónotaðir seðlar|Ónotaðir kjörseðlar",
    },
    "abstention": {
        "en": "Abstentions|Non-voters|Did not vote|Not voted|Nonvoters|"
              "People who did not vote",
        "fr": "Abstentions|Abstentionnistes|N'ont pas voté|Non-votants|Absents",
        "es": "Abstención|Abstenciones|No votaron|No votantes|Ausentes|"
              "Electores que no votaron",
        "pt": "Abstenções|Abstenção|Não votaram|Faltosos|Ausentes",
        "pl": "Nieobecni|Niegłosujący|Nie głosowali|Nie głosowało",
        "ro": "Absenți|Nu au votat|Nevotanți",
        "bg": "Негласували|Не гласували|Негласувалите",
        "ru": "Неголосовавшие|Не голосовали|Не проголосовали",
        "uk": "Неголосували|Не голосували|Не проголосували",
        "tr": "Katılmayan|Oy kullanmayan|Oy kullanmayan seçmen|Kullanmayan",
        "cs": "Nehlasovalo|Nehlasující|Nevoliči|Neúčast",
        "sk": "Nehlasovalo|Nezúčastnilo sa|Nevoliči|Neúčasť",
        "hr": "Apstinenti|Nije glasalo|Nisu glasali|Nije glasovalo|Neizašli|Нису гласали",
        "sl": "Niso glasovali|Ni glasovalo|Abstinenti",
        "lt": "Nedalyvavo|Nebalsavo",
        "fi": "Äänestämättä jättäneet|Äänestämättömät|Nukkuvat",
        "de": "Nichtwähler|Enthaltungen|Nichtwählende|Stimmenthaltungen|Nichtwählerinnen",
        "it": "Astenuti|Non votanti|Astensioni",
        "id": "Golput|Tidak memilih|Tidak hadir|Tidak menggunakan hak pilih",
        "el": "Αποχή|Δεν ψήφισαν|Απέχοντες",
        "hu": "Távolmaradt|Nem szavazott|Távolmaradók|Nem jelent meg",
        "mk": "Не гласале|Апстиненти|Апстиненција",
        "sq": "Nuk votuan|Abstenime|Abstenuan",
        "lv": "Nav nobalsojuši|Nebalsojuši",
        "et": "Mittehääletanud|Ei hääletanud|Hääletamata",
        "sv": "Ej röstande|Icke röstande|Soffliggare|Ickeväljare|Valskolkare",
        "da": "Sofavælgere|Ikke stemt|Ikke-stemmende|Ikke fremmødte",
        "no": "Hjemmesittere|Ikke stemt|Sofavelgere|Stemte ikke",
        "nl": "Niet-stemmers|Thuisblijvers|Niet gestemd|Niet opgekomen|"
              "Niet-opgekomen kiezers|Thuisgebleven",
        "is": "Kusu ekki|Sátu heima|Greiddu ekki atkvæði",
    },
    "registered": {
        "en": "Registered voters|Electorate|Registered electors|Eligible voters|"
              "Voters on the roll|Enrolled",
        "fr": "Inscrits|Électeurs inscrits",
        "es": "Inscritos|Electores hábiles|Padrón|Censo electoral|Votantes habilitados",
        "pt": "Inscritos|Eleitores inscritos|Eleitorado|Eleitores aptos",
        "pl": "Uprawnieni|Liczba wyborców uprawnionych|Wyborcy uprawnieni|"
              "Uprawnionych do głosowania",
        "ro": "Alegători înscriși|Înscriși|Alegători pe liste",
        "bg": "Избиратели по списък|Вписани избиратели",
        "ru": "Число избирателей, включенных в список|Избирателей в списке|Избиратели",
        "uk": "Виборців у списку|Кількість виборців, внесених до списку",
        "tr": "Kayıtlı seçmen|Kayıtlı seçmen sayısı",
        "cs": "Zapsaní voliči|Voliči v seznamu|Oprávnění voliči|Oprávněných voličů",
        "sk": "Zapísaní voliči|Oprávnení voliči|Počet zapísaných voličov",
        "hr": "Upisani birači|Broj upisanih birača|Уписани бирачи",
        "sl": "Volilni upravičenci|Vpisani volivci",
        "lt": "Rinkėjų sąraše|Rinkėjų skaičius|Įrašyta rinkėjų",
        "fi": "Äänioikeutetut|Äänioikeutettuja",
        "de": "Wahlberechtigte|Stimmberechtigte|Eingetragene Wahlberechtigte",
        "it": "Elettori|Aventi diritto|Iscritti|Corpo elettorale",
        "id": "DPT|Pemilih terdaftar|Daftar pemilih tetap",
        "el": "Εγγεγραμμένοι|Εγγεγραμμένοι εκλογείς",
        "hu": "Választópolgárok|Névjegyzékben szereplők|Választásra jogosultak",
        "mk": "Запишани избирачи|Избирачи|Запишани гласачи|Впишани избирачи",
        "sq": "Zgjedhës të regjistruar|Votues të regjistruar|Zgjedhës",
        "lv": "Balsstiesīgie|Balsstiesīgo skaits|Reģistrētie vēlētāji|Vēlētāju skaits|"
              "Balsstiesīgie vēlētāji",
        "et": "Nimekirjas|Hääleõiguslikud|Hääleõiguslikke|Valijad|Valijate arv",
        "sv": "Röstberättigade|Antal röstberättigade",
        "da": "Stemmeberettigede|Antal stemmeberettigede|Vælgere|Antal vælgere",
        "no": "Stemmeberettigede|Manntall|Antall stemmeberettigede|Manntallsførte|"
              "Stemmeberettigete|Røysteføre",
        "nl": "Kiesgerechtigden|Kiesgerechtigd|Aantal kiesgerechtigden|Opgeroepen kiezers|"
              "Ingeschreven kiezers|Kiezers",
        "is": "Á kjörskrá|Kjósendur á kjörskrá|Kjörskrá",
    },
    "channel": {
        "en": "Proxy votes|Postal votes|Advance votes|Absentee ballots|Proxies",
        "fr": "Procurations|Votes par procuration|Votes par correspondance",
        "es": "Voto por correo|Votos por correo|Votos anticipados|Voto exterior",
        "pt": "Voto antecipado|Votos antecipados|Votos por correspondência|"
              "Voto em mobilidade",
        "pl": "Głosy korespondencyjne|Głosowanie korespondencyjne|Pełnomocnik",
        "ro": "Voturi prin corespondență",
        "de": "Briefwähler|Briefstimmen|Briefwahl",
        "it": "Voti per corrispondenza|Voto per delega",
        "fi": "Ennakkoäänet",
        "sv": "Förtidsröster|Brevröster|Poströster|Förtidsröstande",
        "da": "Brevstemmer",
        "no": "Forhåndsstemmer|Forhåndsstemmer godkjente|Valgtingsstemmer|Brevstemmer",
        "nl": "Volmachten|Volmachtstemmen|Stemmen bij volmacht|Briefstemmen|Volmachtbewijzen|"
              "Kiezerspassen",
        "is": "Utankjörfundaratkvæði",
        "hu": "Levélszavazatok",
        "et": "Eelhääletanud",
        "cs": "Korespondenční hlasy",
        "ru": "Досрочное голосование|Досрочно",
    },
}  # fmt: skip
"""Names of columns by role and language, as ministries, courts and electoral offices write them."""


@pytest.mark.parametrize("role", NAMES)
def test_columns_of_ballots_are_known_in_every_language(role):
    """Many a one was taken for a candidate, such as "Stembiljetten" and "Forkastede stemmer"."""
    wrong = {
        (language, name): role_of(name)
        for language, names in NAMES[role].items()
        for name in names.split("|")
        if role_of(name) != role
    }
    assert not wrong


@pytest.mark.parametrize("name", [
    "Antal Szerb", "André Ventura", "Andre Blanc", "Andra Bos", "Ine Blank", "Pär Blank", "Artan",
    "Satu Hassi", "Nav Bains", "Ni", "Kusu", "Ei", "Andra", "Ine", "Autres listes", "Altre liste",
    "Early", "Advance", "Booth", "Mobile", "Otros partidos", "Ana Valida", "Rasta", "Per Blanc",
])  # fmt: skip
def test_names_that_hold_such_words_are_no_columns_of_ballots(name):
    assert not role_of(name)


HEADS = {
    "nl": "Aantal stembiljetten,Blanco stembiljetten,"
          "Ongeldige stembiljetten,Niet-stemmers,Volmachten,Ongebruikte stembiljetten",
    "no": "Antall stemmesedler,Blanke stemmesedler,"
          "Forkastede stemmesedler,Hjemmesittere,Forhåndsstemmer,Ubrukte stemmesedler",
    "da": "Afgivne stemmesedler,Blanke stemmesedler,"
          "Andre ugyldige stemmer,Sofavælgere,Brevstemmer,Ubrugte stemmesedler",
    "sv": "Antal valsedlar,Blanka valsedlar,"
          "Övriga ogiltiga,Soffliggare,Förtidsröster,Oanvända valsedlar",
}  # fmt: skip


@pytest.mark.parametrize("language", HEADS)
@pytest.mark.parametrize("people", ["Ada,Ben,Cyd", "Solveig Horne,Jan Bos,Per Blanc"])
def test_whole_tables_of_the_north(language, people):
    rows = [[620, 20, 10, 380, 44, 51, 300, 200, 90], [415, 12, 5, 385, 31, 37, 150, 160, 88],
            [240, 7, 3, 260, 17, 28, 110, 90, 30]]  # fmt: skip
    head = [*HEADS[language].split(","), *people.split(",")]
    table = {"unit": ["n", "s", "w"]} | dict(zip(head, zip(*rows, strict=True), strict=True))
    found = Contest.from_frame(pd.DataFrame(table), name="c")
    assert found.candidates == tuple(people.split(","))
    assert found.invalid.tolist() == [30, 17, 10]
