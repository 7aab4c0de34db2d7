namespace Aegis.Testing;

/// <summary>Where Aegis sits in a pipeline.</summary>
public enum ConformancePosition
{
    /// <summary>Outside the function loop: model steps are not seen one by one.</summary>
    Outside,

    /// <summary>Inside the function loop: answers to approval questions are not seen.</summary>
    Inside,

    /// <summary>On both sides of the function loop.</summary>
    Sandwich,

    /// <summary>There is no function loop: the suite runs the calls that leave the pipeline.</summary>
    Manual,
}
