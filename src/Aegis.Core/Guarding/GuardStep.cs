using System.Text;
using Aegis.Tools;

namespace Aegis.Guarding;

/// <summary>A guard in the pipeline's flat list.</summary>
internal abstract class GuardStep(object guard, bool isForeign, bool isCustom)
{
    /// <summary>Name for findings: <c>ThrowingGuard</c> is <c>throwing</c>.</summary>
    public string Name { get; } = NameOf(guard.GetType());

    /// <summary>Whether the app brought it: it may call models, so a guarded client inside it must not guard again.</summary>
    public bool IsForeign { get; } = isForeign;

    /// <summary>Whether it decides by rules of the app's own, and is no classifier of texts.</summary>
    public bool IsCustom { get; } = isCustom;

    /// <summary>Whether it looks at texts, arguments or schemas, and not at names and counts alone.</summary>
    public bool ReadsContent { get; } = guard is not (ToolNameGuard or CapabilityGuard or TaskGuard or DecayGuard or ToolIntegrityGuard or OnlyDataGuard);

    /// <summary>The guard, if it is a classifier of the app.</summary>
    public IClassifierGuard? Classifier { get; } = guard as IClassifierGuard;

    /// <summary>The same step with a classifier in its place.</summary>
    public abstract GuardStep With(IClassifierGuard other);

    /// <summary>The step of a classifier of the app, for a subject that it looks at.</summary>
    public static GuardStep Of(IClassifierGuard guard, Subject subject) => subject switch
    {
        UserInput => new GuardStep<UserInput>(guard, isForeign: true),
        ToolDefinition => new GuardStep<ToolDefinition>(guard, isForeign: true),
        ToolResult => new GuardStep<ToolResult>(guard, isForeign: true),
        _ => throw new ArgumentException($"'{subject.GetType().Name}' is not classified.", nameof(subject)),
    };

    public abstract ValueTask<Verdict> InspectAsync(Subject subject, GuardContext context, CancellationToken cancellationToken);

    private static string NameOf(Type type)
    {
        var name = type.Name.AsSpan();
        name = name.Contains('`') ? name[..name.IndexOf('`')] : name;
        name = name.EndsWith("Guard", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
        var kebab = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        }

        return kebab.ToString();
    }
}
