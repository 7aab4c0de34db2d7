using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Finds which rules match a text.</summary>
internal interface IRuleMatcher
{
    /// <summary>The first match of each rule that runs at the checkpoint, in the order of the rules.</summary>
    void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits);

    /// <summary>The same in the letters alone, where something is not plainly written.</summary>
    void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits);
}
