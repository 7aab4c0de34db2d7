using System.Collections.Frozen;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>The lists that requests are read with.</summary>
internal sealed class RequestWords(EffectData data)
{
    public FrozenSet<string> Verbs { get; } = ToolEffectInference.Default.Actions.SelectMany(static action => action.Say).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Verbs that are as often something else.</summary>
    public FrozenSet<string> Nouns { get; } = data.Set("nouns");

    /// <summary>Words behind which such a word is a verb.</summary>
    public FrozenSet<string> VerbStarts { get; } = data.Set("verbStarts");

    /// <summary>Words behind which no verb stands that asks for something.</summary>
    public FrozenSet<string> BeforeNouns { get; } = data.Set("beforeNouns");

    /// <summary>Words before which the first word of a sentence is no verb.</summary>
    public FrozenSet<string> NounFollows { get; } = data.Set("nounFollows");

    public FrozenSet<string> Negations { get; } = data.Set("negations");

    /// <summary>Words behind a verb that take it back.</summary>
    public FrozenSet<string> NegationsBehind { get; } = data.Set("negationsBehind");

    /// <summary>Words behind a negation that take it back: do not forget to.</summary>
    public FrozenSet<string> Unnegated { get; } = data.Set("unnegated");

    /// <summary>Words with which a condition begins.</summary>
    public FrozenSet<string> Conditions { get; } = data.Set("conditions");

    /// <summary>Words with which a sentence begins that ends in a question mark and is no order.</summary>
    public FrozenSet<string> Questions { get; } = data.Set("questions");

    /// <summary>Words with which a sentence begins that is no order, with or without the mark.</summary>
    public FrozenSet<string> PlainQuestions { get; } = data.Set("plainQuestions");

    /// <summary>Words behind which a question goes on with an order.</summary>
    public FrozenSet<string> Orders { get; } = data.Set("orders");

    /// <summary>Words that say yes to what was asked before.</summary>
    public FrozenSet<string> GoAheads { get; } = data.Set("goAheads");

    /// <summary>Verbs that ask to work on something: more than to read or to fetch.</summary>
    public FrozenSet<string> Acts { get; } = ToolEffectInference.Default.Actions.Where(static action => action.Reach != ToolReach.Fetch).SelectMany(static action => action.Say).Except(data.Set("reads"), StringComparer.Ordinal).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Verbs of the many ways of working on a thing.</summary>
    public FrozenSet<string> Soft { get; } = ToolEffectInference.Default.Actions.Where(static action => action.Reach == ToolReach.Write && !action.Targets).SelectMany(static action => action.Say).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Verbs that ask for an answer when <c>me</c> follows.</summary>
    public FrozenSet<string> ToMe { get; } = data.Set("toMe");

    /// <summary>Words for an answer.</summary>
    public FrozenSet<string> Replies { get; } = data.Set("replies");

    /// <summary>Words for people who are not named.</summary>
    public FrozenSet<string> Everyone { get; } = data.Set("everyone");

    /// <summary>Verbs that ask to read.</summary>
    public FrozenSet<string> Reads { get; } = data.Set("reads");

    /// <summary>The same without those that stand in every text.</summary>
    public FrozenSet<string> Readings { get; } = data.Set("reads").Except(data.Set("beforeNouns")).Except(data.Set("verbStarts")).Except(data.Set("common")).Except(data.Set("goAheads")).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Verbs of a state, of which a condition may say no: if it is not there.</summary>
    public FrozenSet<string> States { get; } = data.Set("states");

    /// <summary>Words that choose without a name: the largest, all, the last.</summary>
    public FrozenSet<string> Selectors { get; } = data.Set("selectors");

    /// <summary>Verbs that need no object to be understood.</summary>
    public FrozenSet<string> Complete { get; } = data.Set("complete");

    /// <summary>Words for links.</summary>
    public FrozenSet<string> Links { get; } = data.Set("links");

    /// <summary>Words that name nothing.</summary>
    public FrozenSet<string> Common { get; } = data.Set("beforeNouns").Union(data.Set("verbStarts")).Union(data.Set("negations")).Union(data.Set("pronouns")).Union(data.Set("reads")).Union(data.Set("common")).ToFrozenSet(StringComparer.Ordinal);
}
