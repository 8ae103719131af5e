/// Shares of SLIP-0039 with what they restore under the passphrase `TREZOR`; nothing where they must be refused.
enum RecoveryShareVectors {
    struct Vector: Sendable {
        let name: String
        let shares: [String]
        let secret: String?
    }

    /// Source: trezor/python-shamir-mnemonic, vectors.json.
    static let official: [Vector] = [
        Vector(
            name: "valid without sharing (128 bits)",
            shares: [
                """
                duckling enlarge academic academic agency result length solution fridge kidney coal piece deal \
                husband erode duke ajar critical decision keyboard
                """
            ],
            secret: "bb54aac4b89dc868ba37d9cc21b2cece"),
        Vector(
            name: "invalid checksum",
            shares: [
                """
                duckling enlarge academic academic agency result length solution fridge kidney coal piece deal \
                husband erode duke ajar critical decision kidney
                """
            ],
            secret: nil),
        Vector(
            name: "invalid padding",
            shares: [
                """
                duckling enlarge academic academic email result length solution fridge kidney coal piece deal \
                husband erode duke ajar music cargo fitness
                """
            ],
            secret: nil),
        Vector(
            name: "basic sharing 2 of 3",
            shares: [
                """
                shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue \
                view short owner flip making coding armed
                """,
                """
                shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice \
                unkind craft early superior advocate guest smoking
                """,
            ],
            secret: "b43ceb7e57a0ea8766221624d01b0864"),
        Vector(
            name: "one of two shares",
            shares: [
                """
                shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue \
                view short owner flip making coding armed
                """
            ],
            secret: nil),
        Vector(
            name: "different identifiers",
            shares: [
                """
                adequate smoking academic acid debut wine petition glen cluster slow rhyme slow simple epidemic \
                rumor junk tracks treat olympic tolerate
                """,
                """
                adequate stay academic agency agency formal party ting frequent learn upstairs remember smear \
                leaf damage anatomy ladle market hush corner
                """,
            ],
            secret: nil),
        Vector(
            name: "different iteration exponents",
            shares: [
                """
                peasant leaves academic acid desert exact olympic math alive axle trial tackle drug deny decent \
                smear dominant desert bucket remind
                """,
                """
                peasant leader academic agency cultural blessing percent network envelope medal junk primary \
                human pumps jacket fragment payroll ticket evoke voice
                """,
            ],
            secret: nil),
        Vector(
            name: "mismatching group thresholds",
            shares: [
                """
                liberty category beard echo animal fawn temple briefing math username various wolf aviation \
                fancy visual holy thunder yelp helpful payment
                """,
                """
                liberty category beard email beyond should fancy romp founder easel pink holy hairy romp loyalty \
                material victim owner toxic custody
                """,
                """
                liberty category academic easy being hazard crush diminish oral lizard reaction cluster force \
                dilemma deploy force club veteran expect photo
                """,
            ],
            secret: nil),
        Vector(
            name: "mismatching group counts",
            shares: [
                """
                average senior academic leaf broken teacher expect surface hour capture obesity desire negative \
                dynamic dominant pistol mineral mailman iris aide
                """,
                """
                average senior academic agency curious pants blimp spew clothes slice script dress wrap firm \
                shaft regular slavery negative theater roster
                """,
            ],
            secret: nil),
        Vector(
            name: "greater group threshold than group counts",
            shares: [
                """
                music husband acrobat acid artist finance center either graduate swimming object bike medical \
                clothes station aspect spider maiden bulb welcome
                """,
                """
                music husband acrobat agency advance hunting bike corner density careful material civil evil \
                tactics remind hawk discuss hobo voice rainbow
                """,
                """
                music husband beard academic black tricycle clock mayor estimate level photo episode exclude \
                ecology papa source amazing salt verify divorce
                """,
            ],
            secret: nil),
        Vector(
            name: "duplicate member indices",
            shares: [
                """
                device stay academic always dive coal antenna adult black exceed stadium herald advance soldier \
                busy dryer daughter evaluate minister laser
                """,
                """
                device stay academic always dwarf afraid robin gravity crunch adjust soul branch walnut coastal \
                dream costume scholar mortgage mountain pumps
                """,
            ],
            secret: nil),
        Vector(
            name: "mismatching member thresholds",
            shares: [
                """
                hour painting academic academic device formal evoke guitar random modern justice filter withdraw \
                trouble identify mailman insect general cover oven
                """,
                """
                hour painting academic agency artist again daisy capital beaver fiber much enjoy suitable \
                symbolic identify photo editor romp float echo
                """,
            ],
            secret: nil),
        Vector(
            name: "invalid digest",
            shares: [
                """
                guilt walnut academic acid deliver remove equip listen vampire tactics nylon rhythm failure \
                husband fatigue alive blind enemy teaspoon rebound
                """,
                """
                guilt walnut academic agency brave hamster hobo declare herd taste alpha slim criminal mild \
                arcade formal romp branch pink ambition
                """,
            ],
            secret: nil),
        Vector(
            name: "insufficient number of groups, case 1",
            shares: [
                """
                eraser senior beard romp adorn nuclear spill corner cradle style ancient family general leader \
                ambition exchange unusual garlic promise voice
                """
            ],
            secret: nil),
        Vector(
            name: "insufficient number of groups, case 2",
            shares: [
                """
                eraser senior decision scared cargo theory device idea deliver modify curly include pancake both \
                news skin realize vitamins away join
                """,
                """
                eraser senior decision roster beard treat identify grumpy salt index fake aviation theater cubic \
                bike cause research dragon emphasis counter
                """,
            ],
            secret: nil),
        Vector(
            name: "threshold number of groups, but too few members in one",
            shares: [
                """
                eraser senior decision shadow artist work morning estate greatest pipeline plan ting petition \
                forget hormone flexible general goat admit surface
                """,
                """
                eraser senior beard romp adorn nuclear spill corner cradle style ancient family general leader \
                ambition exchange unusual garlic promise voice
                """,
            ],
            secret: nil),
        Vector(
            name: "threshold number of groups and members, case 1",
            shares: [
                """
                eraser senior decision roster beard treat identify grumpy salt index fake aviation theater cubic \
                bike cause research dragon emphasis counter
                """,
                """
                eraser senior ceramic snake clay various huge numb argue hesitate auction category timber \
                browser greatest hanger petition script leaf pickup
                """,
                """
                eraser senior ceramic shaft dynamic become junior wrist silver peasant force math alto coal \
                amazing segment yelp velvet image paces
                """,
                """
                eraser senior ceramic round column hawk trust auction smug shame alive greatest sheriff living \
                perfect corner chest sled fumes adequate
                """,
                """
                eraser senior decision smug corner ruin rescue cubic angel tackle skin skunk program roster \
                trash rumor slush angel flea amazing
                """,
            ],
            secret: "7c3397a292a5941682d7a4ae2d898d11"),
        Vector(
            name: "threshold number of groups and members, case 2",
            shares: [
                """
                eraser senior decision smug corner ruin rescue cubic angel tackle skin skunk program roster \
                trash rumor slush angel flea amazing
                """,
                """
                eraser senior beard romp adorn nuclear spill corner cradle style ancient family general leader \
                ambition exchange unusual garlic promise voice
                """,
                """
                eraser senior decision scared cargo theory device idea deliver modify curly include pancake both \
                news skin realize vitamins away join
                """,
            ],
            secret: "7c3397a292a5941682d7a4ae2d898d11"),
        Vector(
            name: "threshold number of groups and members, case 3",
            shares: [
                """
                eraser senior beard romp adorn nuclear spill corner cradle style ancient family general leader \
                ambition exchange unusual garlic promise voice
                """,
                """
                eraser senior acrobat romp bishop medical gesture pumps secret alive ultimate quarter priest \
                subject class dictate spew material endless market
                """,
            ],
            secret: "7c3397a292a5941682d7a4ae2d898d11"),
        Vector(
            name: "valid without sharing (256 bits)",
            shares: [
                """
                theory painting academic academic armed sweater year military elder discuss acne wildlife boring \
                employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks paces beyond \
                phantom capital marvel lips brave detect luck
                """
            ],
            secret: "989baf9dcaad5b10ca33dfd8cc75e42477025dce88ae83e75a230086a0e00e92"),
        Vector(
            name: "basic sharing 2 of 3 (256 bits)",
            shares: [
                """
                humidity disease academic always aluminum jewelry energy woman receiver strategy amuse duckling \
                lying evidence network walnut tactics forget hairy rebound impulse brother survive clothes \
                stadium mailman rival ocean reward venture always armed unwrap
                """,
                """
                humidity disease academic agency actress jacket gross physics cylinder solution fake mortgage \
                benefit public busy prepare sharp friar change work slow purchase ruler again tricycle involve \
                viral wireless mixture anatomy desert cargo upgrade
                """,
            ],
            secret: "c938b319067687e990e05e0da0ecce1278f75ff58d9853f19dcaeed5de104aae"),
        Vector(
            name: "insufficient length",
            shares: [
                """
                junk necklace academic academic acne isolate join hesitate lunar roster dough calcium chemical \
                ladybug amount mobile glasses verify cylinder
                """
            ],
            secret: nil),
        Vector(
            name: "invalid master secret length",
            shares: [
                """
                fraction necklace academic academic award teammate mouse regular testify coding building member \
                verdict purchase blind camera duration email prepare spirit quarter
                """
            ],
            secret: nil),
    ]

    /// Made by shamir-mnemonic 0.3.0 (PyPI), the reference implementation.
    static let reference: [Vector] = [
        Vector(
            name: "extendable, 1 of 1 (128 bits)",
            shares: [
                """
                humidity single academic academic desktop standard sugar glasses gross cover chew silver brave \
                taste emission axle infant belong mason capacity
                """
            ],
            secret: "6b84c50d6370ca0282b65b0d9625bb04"),
        Vector(
            name: "extendable, 3 of 5 (128 bits)",
            shares: [
                """
                edge lily academic axle award drift smoking medal chemical check resident grasp harvest fishing \
                superior born often finger hairy dynamic
                """,
                """
                edge lily academic acne decorate quiet spine froth epidemic flip gesture dining arcade simple \
                scatter switch email welcome theater blimp
                """,
                """
                edge lily academic amazing axis space execute costume best fatigue numerous large slap pink \
                exchange piece epidemic being width bedroom
                """,
            ],
            secret: "b2d831c8998822ebdc83a4001760f6c3"),
        Vector(
            name: "extendable, 2 of 3 groups (256 bits)",
            shares: [
                """
                forbid golden ceramic method artwork magazine material senior capital emission kind square enemy \
                estate budget deadline training oral equation goat smear credit grill judicial timely preach \
                location class mouse buyer diagnose deliver vanish
                """,
                """
                forbid golden beard leaf answer leaves sister unfold deploy crisis imply being network graduate \
                axis agree market submit grownup fancy visual easy exceed beam fantasy drink preach budget dough \
                gums deliver picture mother
                """,
                """
                forbid golden ceramic lips apart fortune diagnose busy glasses daughter educate formal vanish \
                texture aquatic rival yoga alcohol dish unknown email screw type evening rich decrease exact \
                findings library hairy mama album wine
                """,
                """
                forbid golden beard lungs again artwork raisin tidy hour triumph unhappy orange impulse axis \
                antenna prevent shelter quarter result filter petition quantity miracle regret nylon beam \
                believe luck hormone genuine charity system prayer
                """,
                """
                forbid golden ceramic learn agree scatter column rumor involve findings making again acne adjust \
                much strategy often mortgage trip bulb evaluate obesity threaten year adjust river loan category \
                froth result golden huge amazing
                """,
            ],
            secret: "2dfaa98f6f60485b57b9a4925b143e6c207118343b36ebe8b6886840a25e9722"),
        Vector(
            name: "not extendable, 16 of 16 (512 bits)",
            shares: [
                """
                season walnut academic afraid acne climate grownup academic legend square ambition estate \
                species enemy silver raspy ecology guilt guest primary stay petition mustang evening adequate \
                paces boundary glimpse painting short muscle literary lunch pitch quiet sunlight tadpole timber \
                always taste tofu legend friar exact marathon flavor payroll thorn plains username union alive \
                segment firefly aviation visitor drug unfold energy
                """,
                """
                season walnut academic alto academic junior mama peasant mama explain easy fangs pacific zero \
                traffic talent mild multiple secret busy miracle duckling spirit exchange decent slim slush romp \
                else syndrome hour salt jacket breathe desert hour gesture remove extend pumps august upstairs \
                lying repair ending meaning curly evidence patent jacket force intimate rainbow likely greatest \
                metric airline garbage envy
                """,
                """
                season walnut academic anxiety acne empty merchant hazard epidemic remove practice software \
                forbid result overall browser luxury security cluster marvel scholar oasis slice wrote clogs \
                violence mama decorate jury jury fortune satisfy orbit estimate clogs float shrimp acne evening \
                flip eclipse cargo switch toxic senior eyebrow deny jewelry nervous gravity making trash kernel \
                best pants railroad merchant birthday dive
                """,
                """
                season walnut academic award academic timely detailed prospect jacket admit agency pharmacy \
                trend universe fiber health luxury wisdom agency listen royal large visual pistol ticket have \
                darkness evidence human observe sugar acrobat else smart upstairs paces mineral corner game \
                spill ladle decent actress scramble careful grownup champion warmth slim ranked venture spine \
                source diagnose twice thumb geology filter mandate
                """,
                """
                season walnut academic bike academic literary painting punish diminish gums voice already fused \
                image havoc solution ticket bolt tackle screw aviation aquatic excuse relate season warmth \
                salary increase argue headset spend award moisture company cards scroll type husband academic \
                august skin type angry wine revenue alpha increase quarter pacific depict obesity random index \
                reject husband stick minister fitness preach
                """,
                """
                season walnut academic bracelet acne drug texture vitamins diet license injury injury dismiss \
                living memory square prune loud video escape tackle holy daughter task dramatic bulge salt \
                industry deliver parking shelter vintage chemical usher mule temple view formal package tension \
                learn sweater exotic rainbow adapt camera olympic dilemma employer detailed remind response \
                pacific intimate liberty slush coastal pregnant finance
                """,
                """
                season walnut academic burning acquire finance grumpy forecast explain width drink loud dance \
                ticket ordinary spark axle findings campus spider expand parking lungs crunch fawn froth short \
                acne aunt peaceful endless roster canyon buyer exchange biology echo mailman cargo grief hand \
                theory stilt numb fancy dish withdraw valuable venture strike society merchant dramatic mason \
                funding facility goat veteran emission
                """,
                """
                season walnut academic carve acne velvet national hunting survive alcohol bulb society clothes \
                daughter froth method fridge thunder drink prevent founder pajamas ranked hour evening trust \
                both evoke transfer order founder manager dish taste smell location anatomy cage mandate \
                graduate marvel snake toxic typical magazine grief teaspoon strike helpful leader wrist stadium \
                fatal system general aviation chemical software violence
                """,
                """
                season walnut academic class academic national science modify minister mobile filter response \
                wealthy advance material costume sweater visitor husband jump garden activity excuse wolf \
                magazine soldier evoke alive average expect game cards iris disease standard engage romantic \
                texture depart space vintage knife dough realize regular change amount evidence crisis wrist \
                hospital coal review voice course holiday answer pancake adequate
                """,
                """
                season walnut academic company academic withdraw pancake therapy racism society nail intimate \
                include lawsuit sharp upgrade repeat gasoline wealthy scared desert merchant pancake evoke \
                sympathy smirk dryer salary easy blind pickup license wildlife founder elbow liberty paid holy \
                lend dismiss recover pharmacy admit divorce budget away unwrap orbit spark silent revenue holy \
                tackle aspect focus blessing check friar pumps
                """,
                """
                season walnut academic crucial acne soul robin enforce pharmacy kitchen plunge vampire evidence \
                museum deal market guard emphasis payment speak emerald ancestor fraction answer diminish pistol \
                mason knit main aspect mineral license prevent scramble anxiety gums research nervous gray blind \
                improve rich scroll award owner fact pipeline emerald focus born document cricket undergo \
                calcium diminish inform aspect survive deadline
                """,
                """
                season walnut academic deadline acid level cargo kind adapt march criminal custody pecan cover \
                knife fishing pumps gather network jerky intimate switch mother vampire mother parcel peaceful \
                hormone standard decrease research declare element short check veteran harvest deliver orbit \
                improve antenna loan exercise alpha typical chemical axis response liberty umbrella elephant \
                saver view cradle spend liquid glimpse slow practice
                """,
                """
                season walnut academic deploy acquire smug burning flea equation viral woman group luck inside \
                phantom carpet believe sugar warn emperor tofu alive briefing expand midst modify become steady \
                rescue luxury diploma orbit equation calcium frost guitar salon floral treat strategy galaxy \
                rich ticket fused medical woman device primary engage smirk enjoy total victim chemical main \
                pipeline chemical slavery length
                """,
                """
                season walnut academic diploma acne carve depict leader animal trash species traveler romantic \
                recall aspect scout talent alien alpha much priest bedroom minister fluff modify satisfy slice \
                theory equip living receiver nail priority voting smug client unfold wrote lamp daisy scroll \
                snake cinema excuse losing harvest desire guitar often owner math merchant likely flame belong \
                disaster mixed firm member
                """,
                """
                season walnut academic dragon acquire romp spine decision average cards science practice nervous \
                saver guest blimp paper fake grumpy prayer purchase veteran superior slow traveler charity voice \
                volume blimp pipeline regular damage exceed element timber twin preach inside sniff calcium \
                decorate quantity acquire grownup twice eraser reunion safari acne true syndrome fridge dive \
                breathe lunch class forecast nervous holiday
                """,
                """
                season walnut academic easel acne lawsuit imply drink galaxy enlarge depend that exclude safari \
                magazine company secret mountain deadline express crowd hunting fangs intimate unusual swing \
                oven woman guest image lawsuit carbon makeup march object ladybug exchange spine antenna airline \
                retreat havoc radar biology fatigue enemy numerous adequate reward laser editor alien moment \
                river platform debris clay equip nervous
                """,
            ],
            secret: "49c02c0629fc63b8adf3f63bc1dc3278ce94b0a2fc216c98245830507614ad83"
                + "991d43398976fc764c16fbde10c197ee0233d89c1b96045399b0f6fd150d1902"),
        Vector(
            name: "extendable, 160 bits",
            shares: [
                """
                debut lips academic agency both cricket agree warmth easy tricycle galaxy yelp wisdom spray \
                mustang clothes skin acne cover argue boundary frost smoking
                """,
                """
                debut lips academic acid ting preach lunch silver network clay meaning writing silver erode \
                behavior duke velvet isolate kernel bracelet rhythm learn mother
                """,
            ],
            secret: "0b865ab1f0317ca2a602517fa0fe357526b803a7"),
    ]
}
