using System.Collections.Frozen;
using Aegis.Tools;

namespace Aegis;

/// <summary>The tools that a task needs. It narrows what the policy allows, see <see cref="AegisScope.Narrow"/>, and never widens it. Immutable.</summary>
public sealed class AegisTask
{
    private readonly GlobIndex _globs;
    private readonly FrozenSet<string> _names;

    private AegisTask(IReadOnlyList<string> tools, IEnumerable<string> globs, IEnumerable<string> names, IReadOnlyDictionary<string, string> reasons)
    {
        (Tools, Reasons) = (tools, reasons);
        _globs = new(globs);
        _names = names.Select(static name => Glob.Folded(ToolName.Of(name).Plain)).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The tools: globs as they were given, or names as they were proposed.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>Why a tool was proposed, by name. It carries no text of the request.</summary>
    /// <value>Empty: nothing was proposed.</value>
    public IReadOnlyDictionary<string, string> Reasons { get; }

    /// <summary>A task that needs these tools.</summary>
    /// <param name="tools">Globs over whole names (<c>*</c> and <c>?</c> anywhere, case does not count, nor which of <c>-</c>, <c>_</c> and <c>.</c> separates words). None: the task needs no tool.</param>
    /// <returns>The task.</returns>
    /// <exception cref="ArgumentException">One of them is no glob.</exception>
    public static AegisTask Of(params IEnumerable<string> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        string[] globs = [.. tools];
        return Array.TrueForAll(globs, ToolName.IsWellFormed) ? new(globs, globs, [], FrozenDictionary<string, string>.Empty)
            : throw new ArgumentException($"A glob over tools has 1 to {ToolName.MaxLength} characters and no control characters.", nameof(tools));
    }

    /// <summary>
    /// Proposes what a request needs, from its words and the tools' names and descriptions, without a model: the same request and tools give the
    /// same task anywhere. Tools that only read stay: those of low risk, those whose name begins with a word like <c>get</c>, and those that say so where
    /// their name says nothing else. One that changes something stays if the request says what it does, in English words (to send, to delete, to pay and
    /// the like, and words that mean as much, but not in "do not send"); of several, those whose name has the very word, and of these those whose thing the
    /// request names right behind it. One whose name says nothing known, or that only reads and is more than a low
    /// risk by the policy, stays if the request has a word of its name. Only what a person typed belongs in the request.
    /// </summary>
    /// <param name="request">What the user typed. The first 32,768 characters are read.</param>
    /// <param name="tools">The tools on offer: <see cref="AegisGuard.ToolsetOf"/>.</param>
    /// <returns>The task, to be looked at or used as it is.</returns>
    public static AegisTask Propose(string request, Toolset tools)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(tools);
        var reasons = TaskProposal.Of(request, tools);
        string[] names = [.. tools.Tools.Select(static tool => tool.Name).Where(reasons.ContainsKey)];
        return new(names, [], names, reasons.ToFrozenDictionary(StringComparer.Ordinal));   // a tool may be called '*'
    }

    /// <summary>Whether its tools are names, and not globs.</summary>
    internal bool AreNames => _names.Count > 0;

    /// <summary>One as it was, for a replay.</summary>
    internal static AegisTask Restored(bool areNames, IReadOnlyList<string> tools) => areNames ? new(tools, [], tools, FrozenDictionary<string, string>.Empty) : Of(tools);

    internal bool Allows(ToolName name) => _names.Contains(Glob.Folded(name.Plain)) || _globs.FirstPlain(name) is not null;
}
