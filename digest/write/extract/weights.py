"""Numbers learned from SciTLDR-A (Cachola et al., 2020; Apache-2.0) by benchmarks/learn_tldr.py."""

WORD: tuple[float, ...] = (
    -1.8729,  # 1
    1.7780,  # in the title
    0.8688,  # in the sentence that announces the work
    0.0733,  # in the first sentence
    0.4349,  # log(1 + times)
    1.1407,  # share of sentences
    0.6100,  # odds in any summary
    -2.2013,  # odds not known
    0.5046,  # not known, in the title
    0.2740,  # not known, announced
    0.8133,  # not known, log(1 + times)
    -0.4663,  # in the title, announced
    0.0673,  # in the title, in the first sentence
)
SENTENCE: tuple[float, ...] = (
    0.3943,  # expected ROUGE-1 with a short summary
    0.0114,  # with a long one
    0.0034,  # chance of its words, mean
    0.0992,  # share of the title said
    0.0247,  # share of it in the title
    -0.0493,  # too short by
    -0.0192,  # too long by
    0.0045,  # first person
    -0.0038,  # a digit
    0.0194,  # announces the work
    0.0248,  # is the first to
    0.0199,  # tells a finding
    0.0144,  # speaks of the paper
    -0.0143,  # sets against
    0.0562,  # place (0..1)
    -0.0602,  # place squared
    0.0128,  # first sentence
    0.0314,  # share of it kept
)
JUDGE: tuple[float, ...] = (
    0.4656,  # expected ROUGE-1 with a short summary
    0.0455,  # with a long one
    0.1015,  # chance of its words, mean
    0.1006,  # share of the title said
    -0.0303,  # share of it in the title
    -0.0378,  # too short by
    -0.0106,  # too long by
    0.0062,  # first person
    -0.0035,  # a digit
)

# Stems by the log-odds that a TLDR uses them where its abstract does.
_BY_ODDS = {
    -7.0: "however ",
    -5.75: "becom furthermor still ",
    -5.5: "either her involv moreover sinc ",
    -5.25: "com especial fact therefor usual ",
    -5.0: "although been contrast discuss far indicat lack natur often progress seen simulat suffer wer ",
    -4.75: (
        "2018 account affect development distinct facilitat henc http ii inherent might next past respective "
        "studi would year "
    ),
    -4.5: "experiment extensiv hav specifical thes us ",
    -4.25: "appli becaus being e final g i main promis then thu yield ",
    -4.0: (
        "apply availabl conduct critical due easi fail fundamental further has higher may mnist motivat much "
        "offer our research som suggest typical underly validat "
    ),
    -3.75: (
        "adopt applic argu assum cannot challeng cifar despit difficult eas expensiv great lead littl lower "
        "modern particular previou public remain separat should shown thos unlik variou will "
    ),
    -3.5: (
        "10 100 addition also attempt averag avoid but certain contribution correspond deal effectiveness ensur "
        "essential focu focus found highlight if important increas individual insight instead need no open other "
        "practical rang reach recent report requir sam several similar substantial success successful such ther "
        "together what wide work "
    ),
    -3.25: (
        "1 2 3 abl additional after along best crucial do doe exist experimental follow hand help implement "
        "improvement its key maintain major mak most not one or part previous respect significant subset tak "
        "used was wid yet "
    ),
    -3.0: (
        "0 abilit access advanc aim all alternativ appl area at baselin benefit beyond choic classical common "
        "compar comparabl consider consist contain could current demonstrat depend differenc direction effective "
        "et even exhibit flexibl form formul gap good handl hard includ issu known limit literatur mad man mor "
        "name number obtain onl outperform overall possibl powerful rather re requirement second so stabl "
        "superior their thre tool toward traditional variet version way well wher whil "
    ),
    -2.75: (
        "across advantag allow another are aspect associat back better both capabilit careful caus chang clos "
        "comparison component computer construct converg correl defin different dur each empirical establish "
        "ever fashion find formulat futur given idea interest into it larger near original path per poor popular "
        "potential relat relationship relativ relevant result reveal rol smooth spe start strong them two typ "
        "unknown up updat vari ver when world "
    ),
    -2.5: (
        "2017 4 5 about add address al among amount any as be benchmark build call capabl cas competitiv complet "
        "computational consistent content conventional cost creat determin devic direct efficienc element enabl "
        "error evidenc factor fewer first gain general high how integrat less lik manner matrix out overcom pla "
        "practic probabilit provid real realistic rel s scenario set shar show siz small stag standard step "
        "sufficient support t techniqu test than through trad under useful variant whether whos "
    ),
    -2.25: (
        "accurat achiev applicabl approxim artificial assumption between block capacit complex complexit comput "
        "constrain correct dataset decision deriv descent describ dimensional distribut divers downstream edg "
        "effectiv emplo encourag estimat evaluat exact expect explain exploit extract field fix four giv goal "
        "grow guid identif input instanc interaction is iter larg leverag link mapp margin mean meaningful "
        "mechanism nam observ oper order output over pair parameter perform phas process produc reduc reduction "
        "scor select sett similarit smaller solution special specific synthetic target term thi understand upon "
        "utiliz vision within "
    ),
    -2.0: (
        "accurac against align analysi analyz approach art automatic automatical behavior bias can captur "
        "characteriz cod collect combin context depth design develop dimension encod end enhanc exampl explicit "
        "extend fami faster forward full imagenet importanc induc inductiv investigat joint local long magnitud "
        "map measur minimiz multipl natural numerical paper pass pattern power principl propert prov qualit "
        "replac scal schem signal simultaneous singl stabilit stud sub tackl theor tim top unseen use via view "
        "which without "
    ),
    -1.75: (
        "approximat arbitrar bound by class condition connect constraint convolution decoder discover "
        "discriminator effect efficient encoder evalu fin from function generat generator global group guarante "
        "hidden human incorporat independent initial inspir interpret interpretabilit likelihood linear log low "
        "machin match maximiz maximum negativ non off optimal performanc perspectiv pixel point pos posterior "
        "pre predict predictiv prior problem procedur random rat region respons sampl scen short simpl sourc "
        "stat strateg supervision system tun unit unlabel valu varianc vector wis "
    ),
    -1.5: (
        "an atari auto classific concept connection control convergenc convex convolutional data decomposition "
        "dependenc dependent distribution domain dynamical entit expert fac fast featur gaussian ground improv "
        "inform initializ interpretabl introduc knowledg level loss metric neuron nlp nod objectiv on "
        "parameteriz perturb plan present preserv question recognition reconstruction recover resnet resourc "
        "scalabl segment sens sequenc sequential ser sgd shap simul spac sparsit spatial stochastic temporal "
        "theoretical trajector user using zero "
    ),
    -1.25: (
        "accelerat activ architectur attribut augment brain classifier compress continuou detection distanc "
        "diversit environment estim explor few gener generaliz gradient imag implicit invariant iterativ label "
        "layer modul net new onlin optimiz parallel partial prediction probabilistic propag rank reason "
        "regression regulariz reward robust rul selection solv statistical structur task transform universal "
        "variabl visual weight with word "
    ),
    -1.0: (
        "action adapt answer attention bas batch binar compression conditional detect discret dnn document "
        "dynamic filter framework gam hierarchical in latent lstm manifold method nois normaliz novel object "
        "represent robustness search semantic spars supervis text that train variational "
    ),
    -0.75: (
        "adaptiv algorithm autoencoder bia black bottleneck box cross deep defens differentiabl disentangl "
        "ensembl entrop explan fre generativ inferenc invers languag memor model neural plann polic propos "
        "recurrent reinforcement relu self sentenc speech transfer transl uncertaint unsupervis vae "
    ),
    -0.5: "agent bayesian cluster cnn communic embedd for kernel multi network q rl rnn transformer video ",
    -0.25: "adversarial and attack flow learn of semi shot the to ",
    0.0: "meta we ",
    0.25: "a gan ",
    0.5: "graph ",
}
WORD_ODDS = {stem: odds for odds, stems in _BY_ODDS.items() for stem in stems.split()}
