"""Stage histories as HubSpot and Salesforce export them, made up in their shapes, and the visits that they tell of."""

PIPELINE = """\
process: pipeline
title: {en: Pipeline, zh: 管道}
currency: USD
evidence: {note: {title: {en: Note, zh: 记}}}
stages:
  - {id: lead, title: {en: Lead, zh: 一}, nodes: [{id: need, title: {en: Need, zh: 需}, standard: note}]}
  - {id: offer, title: {en: Offer, zh: 二}, nodes: [{id: liked, title: {en: Liked, zh: 喜}, standard: note}], back_to: [lead]}
  - {id: sign, title: {en: Sign, zh: 三}, wins: true, nodes: [{id: signed, title: {en: Signed, zh: 签}, standard: note}]}
lost_reasons: [not_given]
"""
NAMES = {"lead": "Discovery", "offer": "Proposal", "sign": "Contract"}
Visit = tuple[str, str, str | None]

# Property history, newest first, with properties that are no stage; H2 is not in the table of deals.
HUBSPOT = {
    "deal_property_history_data.csv": """\
deal_id,timestamp,_fivetran_synced,source,name,source_id,value
H1,2021-03-09 9:00:00,2021-04-01 0:00:00,CONTACTS,dealstage,u2,closedwon
H1,2021-03-05 10:30:00.250,2021-04-01 0:00:00,CONTACTS,dealstage,u2,Contract
H1,2021-03-04 08:00:00,2021-04-01 0:00:00,CONTACTS,amount,u1,500
H1,2021-03-03 8:15:00,2021-04-01 0:00:00,AUTOMATION,dealstage,,Discovery
H1,2021-03-02 8:15:00,2021-04-01 0:00:00,CONTACTS,dealstage,u1,Proposal
H1,2021-03-01 12:00:00,2021-04-01 0:00:00,CRM_UI,dealstage,u1,Discovery
H2,2021-03-07 7:00:00,2021-04-01 0:00:00,CRM_UI,dealstage,u1,Proposal
H3,2021-03-07 7:00:00,2021-04-01 0:00:00,CRM_UI,dealstage,u1,Contract
""",
    "deal_data.csv": """\
deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,owner_id,portal_id,property_dealname,property_amount,property_createdate
H1,false,,,44,1,Hotel,500,2021-03-01 12:00:00
H3,false,,,,1,House,,2021-03-05 6:00:00
""",
}
HUBSPOT_VISITS: dict[str, list[Visit]] = {
    "H1": [
        ("lead", "2021-03-01T12:00:00+00:00", "2021-03-02T08:15:00+00:00"),
        ("offer", "2021-03-02T08:15:00+00:00", "2021-03-03T08:15:00+00:00"),
        ("lead", "2021-03-03T08:15:00+00:00", "2021-03-05T10:30:00.250000+00:00"),
        ("sign", "2021-03-05T10:30:00.250000+00:00", "2021-03-09T09:00:00+00:00"),
    ],
    "H2": [("offer", "2021-03-07T07:00:00+00:00", None)],
    # No row says where it stood from its creation on.
    "H3": [
        ("lead", "2021-03-05T06:00:00+00:00", "2021-03-07T07:00:00+00:00"),
        ("sign", "2021-03-07T07:00:00+00:00", None),
    ],
}
HUBSPOT_STAGES = {
    "deal_stage_data.csv": """\
_fivetran_start,deal_id,_fivetran_active,_fivetran_end,_fivetran_synced,date_entered,source,source_id,value
2021-01-09 8:00:00,S1,TRUE,2050-01-01 00:00:00,2021-01-10 8:15:46,2021-01-09 8:00:00,x,u1,Contract
2021-01-07 6:49:18,S1,FALSE,2021-01-08 7:00:00,2021-01-10 8:15:46,2021-01-07 6:49:18,x,u1,Discovery
2021-01-08 7:00:00,S1,FALSE,2021-01-09 8:00:00,2021-01-10 8:15:46,2021-01-08 7:00:00,x,u1,Proposal
""",
    "deal_data.csv": "deal_id,owner_id,property_dealname,property_amount,property_createdate\nS1,44,Ship,,2021-01-07 6:49:18\n",
}
HUBSPOT_STAGES_VISITS: dict[str, list[Visit]] = {
    "S1": [
        ("lead", "2021-01-07T06:49:18+00:00", "2021-01-08T07:00:00+00:00"),
        ("offer", "2021-01-08T07:00:00+00:00", "2021-01-09T08:00:00+00:00"),
        ("sign", "2021-01-09T08:00:00+00:00", None),
    ]
}
# A row whenever stage, amount or probability changed: those of one stage are one visit.
SALESFORCE = {
    "OpportunityHistory.csv": """\
Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,ExpectedRevenue,CloseDate,Probability,ForecastCategory,SystemModstamp,IsDeleted
1,006A,u1,2021-05-27T13:59:29.000+0000,Discovery,100,10,2021-09-30,10,Pipeline,2021-05-27T13:59:29.000+0000,false
2,006A,u1,2021-05-28T13:59:29.000+0000,Discovery,250,25,2021-09-30,10,Pipeline,2021-05-28T13:59:29.000+0000,false
4,006A,u1,2021-06-10T09:00:00.000+0000,Discovery,250,25,2021-09-30,10,Pipeline,2021-06-10T09:00:00.000+0000,false
3,006A,u1,2021-06-01T09:00:00.000+0000,Proposal,250,125,2021-09-30,50,Pipeline,2021-06-01T09:00:00.000+0000,false
5,006A,u2,2021-06-20T09:00:00.000+0000,Closed Won,300,300,2021-06-20,100,Closed,2021-06-20T09:00:00.000+0000,false
""",
    "Opportunity.csv": """\
Id,AccountId,Name,StageName,Amount,CreatedDate,OwnerId
006A,001X,Salt,Closed Won,300,2021-05-27T13:59:29.000+0000,005U
""",
}
SALESFORCE_VISITS: dict[str, list[Visit]] = {
    "006A": [
        ("lead", "2021-05-27T13:59:29+00:00", "2021-06-01T09:00:00+00:00"),
        ("offer", "2021-06-01T09:00:00+00:00", "2021-06-10T09:00:00+00:00"),
        ("lead", "2021-06-10T09:00:00+00:00", "2021-06-20T09:00:00+00:00"),
    ]
}
# Tracked fields only: the stage of the creation has no row, and other fields stand between.
SALESFORCE_FIELDS = {
    "OpportunityFieldHistory.csv": """\
Id,OpportunityId,CreatedById,CreatedDate,Field,DataType,OldValue,NewValue,IsDeleted
1,006B,u1,2021-06-05T09:00:00.000+0000,StageName,Text,Proposal,Contract,false
2,006B,u1,2021-06-04T09:00:00.000+0000,Amount,Currency,100,200,false
3,006C,u1,2021-06-04T09:00:00.000+0000,Owner,Text,a,b,false
""",
    "Opportunity.csv": """\
Id,AccountId,Name,StageName,Amount,CreatedDate,OwnerId
006B,001X,Silk,Contract,200,2021-06-01T08:00:00.000+0000,005U
006C,001X,Sand,Discovery,,2021-06-01T08:00:00.000+0000,005U
""",
}
SALESFORCE_FIELDS_VISITS: dict[str, list[Visit]] = {
    "006B": [
        ("offer", "2021-06-01T08:00:00+00:00", "2021-06-05T09:00:00+00:00"),
        ("sign", "2021-06-05T09:00:00+00:00", None),
    ],
    # Nothing is said of its stages: it stands where every deal begins.
    "006C": [("lead", "2021-06-01T08:00:00+00:00", None)],
}
FIVETRAN = {
    "sf_opportunity_history_data.csv": """\
_fivetran_active,_fivetran_start,_fivetran_end,account_id,amount,created_date,id,is_deleted,name,owner_id,stage_name
false,2019-10-17 21:10:19,2019-10-20 10:00:00,001X,100,2019-10-17 21:10:19,006D,false,Tea,005U,Discovery
true,2019-10-25 8:00:00,9999-12-31 23:59:59,001X,120,2019-10-17 21:10:19,006D,false,Tea,005U,Proposal
false,2019-10-20 10:00:00,2019-10-25 8:00:00,001X,120,2019-10-17 21:10:19,006D,false,Tea,005U,Discovery
""",
}
FIVETRAN_VISITS: dict[str, list[Visit]] = {
    "006D": [
        ("lead", "2019-10-17T21:10:19+00:00", "2019-10-25T08:00:00+00:00"),
        ("offer", "2019-10-25T08:00:00+00:00", None),
    ]
}
HUBSPOT_DEALS = {
    "all-deals.csv": """\
Record ID,Deal Name,Deal Stage,Deal owner,Amount,Create Date,Close Date,\
ENTERED lead,EXITED lead,ENTERED offer,EXITED offer,ENTERED sign,EXITED sign
W1,Wool,Closed Won,anna,700,2021-03-01 12:00,2021-03-20 9:00,2021-03-01 12:00,2021-03-10 8:30,,,2021-03-10 8:30,2021-03-20 9:00
W2,Wine,Proposal,anna,,2021-03-01 12:00,,2021-03-01 12:00,2021-03-04 7:00,2021-03-04 7:00,,,
""",
}
HUBSPOT_DEALS_VISITS: dict[str, list[Visit]] = {
    "W1": [
        ("lead", "2021-03-01T12:00:00+00:00", "2021-03-10T08:30:00+00:00"),
        ("sign", "2021-03-10T08:30:00+00:00", "2021-03-20T09:00:00+00:00"),
    ],
    "W2": [
        ("lead", "2021-03-01T12:00:00+00:00", "2021-03-04T07:00:00+00:00"),
        ("offer", "2021-03-04T07:00:00+00:00", None),
    ],
}
HISTORIES: dict[str, tuple[dict[str, str], dict[str, list[Visit]]]] = {
    "hubspot": (HUBSPOT, HUBSPOT_VISITS),
    "hubspot-stages": (HUBSPOT_STAGES, HUBSPOT_STAGES_VISITS),
    "hubspot-deals": (HUBSPOT_DEALS, HUBSPOT_DEALS_VISITS),
    "salesforce": (SALESFORCE, SALESFORCE_VISITS),
    "salesforce-fields": (SALESFORCE_FIELDS, SALESFORCE_FIELDS_VISITS),
    "salesforce-fivetran": (FIVETRAN, FIVETRAN_VISITS),
}
