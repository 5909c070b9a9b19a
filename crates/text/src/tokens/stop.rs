//! Words that say how a sentence is built and not what it is about. For phrases and topics; classifiers learn by themselves which
//! words matter, and some of these (`not`, `没`) matter much.

use std::collections::BTreeSet;

/// A set of words that are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopWords(BTreeSet<String>);

impl StopWords {
    /// The English and the Chinese words.
    #[must_use]
    pub fn both() -> Self {
        Self::of(english_stop_words().chain(chinese_stop_words()))
    }

    /// Words of one's own, as [`normalise`](super::normalise()) writes them.
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }

    /// With more words.
    #[must_use]
    pub fn with<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.0.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a word is on the list.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// English words without a topic.
pub fn english_stop_words() -> impl Iterator<Item = &'static str> {
    ENGLISH.split_whitespace()
}

/// Chinese words without a topic, simplified.
pub fn chinese_stop_words() -> impl Iterator<Item = &'static str> {
    CHINESE.split_whitespace()
}

const ENGLISH: &str = "a about above after again against all also am an and any are aren't as at be because been before being below between \
    both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each even ever few for from further get gets \
    getting go going got had hadn't has hasn't have haven't having he her here hers herself him himself his how however i i'd i'll i'm i've if in \
    into is isn't it it's its itself just know let like made make many may me might more most much must my myself never no nor not now of off on \
    once one only or other our ours ourselves out over own please put same say said says see she should shouldn't since so some still such \
    take tell than that that's the their theirs them themselves then there these they they're this those though through to told too under until up \
    upon us very want wanted was wasn't way we well went were weren't what when where which while who whom why will with without won't would \
    wouldn't yes yet you you're your yours yourself";

const CHINESE: &str = "的 了 是 我 你 他 她 它 我们 你们 他们 在 有 就 也 都 和 与 及 或 或者 而 而且 但 但是 不过 可是 然后 还 还是 还有 又 再 才 \
    就是 这 那 这个 那个 这些 那些 这样 那样 这么 那么 这里 那里 哪 哪个 哪里 什么 怎么 怎样 如何 为什么 为何 多少 几 吗 呢 吧 啊 呀 哦 嘛 啦 哈 嗯 呵 \
    一 一个 一下 一些 一直 一样 一次 个 次 些 种 把 被 让 给 对 对于 关于 从 到 向 往 由 以 以及 因为 因此 所以 如果 的话 虽然 即使 只 只有 只是 只要 \
    要 会 能 可以 可能 应该 需要 想 说 看 去 来 做 用 着 过 得 地 之 其 其他 其实 该 本 各 每 很 太 更 最 非常 比较 已 已经 正在 将 曾 现在 今天 昨天 \
    时候 时 后 前 中 上 下 里 内 外 自己 大家 人 知道 觉得 感觉 没有 没 不 不是 不会 不能 请 请问 谢谢 您 您好 你好 先 起来 出来 之后 之前 以后 以前";
