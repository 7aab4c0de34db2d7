using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Detecting;

/// <summary>Looks at a text as a whole, where a rule looks for a phrase.</summary>
internal interface IDetector
{
    /// <summary>Id of its rule.</summary>
    string Rule { get; }

    /// <summary>A finding, with the decision left to the scanner; or null.</summary>
    Finding? Detect(string original, CanonicalText canonical, Checkpoint checkpoint);
}
