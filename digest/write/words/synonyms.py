"""Words of the scientific register that say the same, and those that claim nothing by themselves (data).

Written by hand: a group holds what one may put for another in a summary without making it false. No group joins
opposites, and none joins kinds of one thing ("detection", "segmentation"), for those are what a falsehood swaps.
"""

# One group a line, by its first word. Other forms of a word ("utilizes", "utilization") need no mention.
GROUPS = """
use utilize leverage employ harness exploit adopt apply application
combine integrate merge fuse unify incorporate amalgamate synergize synergistic
build built construct create make made compile collect curate gather assemble
generate produce production synthesize
evaluate assess
differentiate distinguish
choose chosen select pick
guide guidance steer
remove eliminate discard prune
preserve keep kept retain maintain
previous prior existing earlier precedent past
new novel
unknown unfamiliar unseen
achieve attain reach obtain get deliver
require need demand necessitate
several multiple various diverse numerous many varying variety different variation
early preliminary initial
main primary principal major
adequate adequacy sufficient enough
inadequate inadequacy insufficient
costly expensive
cheap inexpensive low-cost affordable
human person people individual
image picture photo
data dataset corpus corpora
problem challenge issue difficulty
component module part element
outcome finding result
performance perform
notion concept
goal objective purpose
predict forecast
label annotate annotation
affect impact influence change
relationship relation link connection association
field domain area realm
scenario setting situation circumstance
difference discrepancy distinction disparity
error mistake
advantage benefit merit
drawback limitation shortcoming weakness flaw
risk threat danger
similar alike analogous
traditional conventional
scarce limited constrained tight
explain explanation
describe description
decide decision
know knowledge known
visual vision
run execute execution
defend defense defence
mix mixture blend
understand comprehend comprehension
simple straightforward
fast rapid quick speed speedup accelerate acceleration faster quicker speeds
slow slower slowdown
large big huge
small tiny
nearby neighboring neighbouring close proximity adjacent
solution solve
behavior behaviour
color colour
center centre
fine-tune finetune
identification identify
online on-line
article document
robust robustness
precise precision
accurate accuracy
reliable trustworthy
efficient efficiency
method technique methodology approach framework strategy scheme paradigm procedure algorithm
question query
grow growth
ambiguous ambiguity
trade-off tradeoff balance
lie reside
foundation base
amount quantity volume
equilibrium equilibria
criterion criteria
phenomenon phenomena
matrix matrices
vertex vertices
hypothesis hypotheses
"""

# What a text compares, by what it says: the checks of comparisons hold these against each other.
COMPARED = """
@up improve enhance boost increase raise rise gain heighten strengthen better higher greater stronger more elevate
@down reduce reduction decrease lower less fewer cut lessen diminish alleviate mitigate minimize save saving
@worse worse degrade degradation inferior underperform weaker deteriorate hurt harm
@beats outperform surpass exceed exceeds beat superior superiority
@best best highest top
@least worst lowest least smallest
@significant significant substantial considerable
@comparable competitive rival par
"""

LIGHT_WORDS = """
ability able accompany account achieve achieves act acts additional aid aim aims allow allows alone along among amount
apart applied applies apply arise arrange aspect aspects assign basis become becomes begin bring brings broadly build
builds call called calls capable carry cast categorize certain characterize clarify combine combines come compare
compares comparing comprise comprises comprising concern conduct conducts consider considers consist consists
construct contain contains context convey cope corresponding counter cover covering covers craft create creates
current currently deal deals define defines delve demonstrating depend depends derive designed detail devise do does
easily either embody enable enables entail entire equip equips especially establish establishes even exhibit exhibits
experiment experiments expose extensive facilitate facilitates fare feed feeding feeds fill follow follows form
formulate further generally get give given gives go grant handle handles help helps highlight highly hold holds
illustrate implement implemented implements imply include includes including indicate inspire instead introduce
involve involves jointly kind lead leading leads let lets like likewise look made mainly make makes making mention
mostly motivate much name namely need needs number observe occur offer outline overall own particular per permit
permits play plays pose possess potential practical present prove proves provide pursue put puts rather readily
receive recent recently refer reflect regard release releases remain remains render represents require requires
resemble respect respective respects rest rests result results reveal room roughly run runs say says see seem serve
serves show showing shown specific specify stand stands stem stems still such suit support supports tackle tailor
tailored take takes tell tells tend there thing together try turn turns type types uncover undergo underlie underline
unveil up very want way ways well when where whereas whole wide widely witness work works write writes written yet
yields
"""

# Verbs by which any paper may be told.
SAYING_VERBS = """
propose introduce present describe develop investigate study explore examine address show demonstrate discuss focus aim
provide review survey analyze evaluate offer tackle argue report find suggest use contribute design
"""
