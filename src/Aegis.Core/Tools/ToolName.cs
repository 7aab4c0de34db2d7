using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Tools;

/// <summary>
/// A tool's name in the forms in which names are compared. Denials and questions match the <see cref="Skeleton"/>, so that a look-alike
/// cannot slip past them; permissions match the <see cref="Plain"/> form, so that a look-alike cannot slip into them.
/// </summary>
internal readonly record struct ToolName(string Plain, string Skeleton)
{
    public const int MaxLength = 256;

    public bool IsLookAlike => !string.Equals(Plain, Skeleton, StringComparison.Ordinal);

    public static bool IsWellFormed(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || name[i] == '\uFFFE' || (char.IsSurrogate(name[i]) && !(i + 1 < name.Length && char.IsSurrogatePair(name[i], name[i + 1]) && ++i > 0)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Only for well-formed names.</summary>
    public static ToolName Of(string name)
    {
        if (Ascii.IsValid(name))
        {
            var lower = name.ToLowerInvariant();
            return new(lower, lower);
        }

        var plain = name.Normalize(NormalizationForm.FormC).ToLowerInvariant();
        return new(plain, Confusables.Skeleton(name));
    }
}
